import { SECTIONS, type Setting } from "../packages/server/src/settings/setting.js";
import { SETTINGS, SETTING_KEYS } from "../packages/server/src/settings/settings.js";
import { envNameOf, flagNameOf } from "../packages/server/src/settings/setting-names.js";

const HEAD = ["| In the file | Flag | Environment | Default | Meaning |", "|---|---|---|---|---|"];

/** The settings as Markdown, one table for each section. */
export function settingsTables(): string {
  return SECTIONS.map((section) => {
    const rows = SETTING_KEYS.filter((key) => SETTINGS[key].section === section).map((key) =>
      rowOf(SETTINGS[key]),
    );
    return [`### ${section}`, "", ...HEAD, ...rows].join("\n");
  }).join("\n\n");
}

function rowOf(setting: Setting<unknown>): string {
  const { name, description, byDefault, defaultText } = setting;
  const isInWords = byDefault === undefined || defaultText === "none";
  const cells = [
    `\`${name}\``,
    `\`${flagNameOf(name)}\``,
    `\`${envNameOf(name)}\``,
    isInWords ? defaultText : `\`${defaultText}\``,
    description,
  ];
  return `| ${cells.join(" | ")} |`;
}
