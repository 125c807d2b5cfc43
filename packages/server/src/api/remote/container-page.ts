import type { Container } from "@sifshelf/protocol";

import { getContainer } from "../../library/containers.js";
import type { Sent } from "../../library/sent.js";
import { type Markup, markup, page } from "./html-page.js";
import { type RemoteDeps, registerRemoteRoute } from "./register-route.js";

/**
 * The page at the address that `push` prints: what a container is, its tags, and how to pull it.
 */
export function registerContainerPage(deps: RemoteDeps): void {
  registerRemoteRoute(deps, "getContainerPage", async ({ principal, params, reply }) => {
    const container = await getContainer(deps.library, principal, params);
    const path = `${params.entity}/${params.collection}/${params.container}`;
    return page(reply, path, describe(container, path));
  });
}

function describe(
  { description, archTags, private: isPrivate }: Sent<Container>,
  path: string,
): Markup {
  const arches = Object.keys(archTags).toSorted();
  const tagsOf = (arch: string) => Object.keys(archTags[arch] ?? {}).toSorted();
  const tags = arches.map((arch) => markup`<dt>${arch}</dt><dd>${tagsOf(arch).join(", ")}</dd>\n`);
  const first = arches.flatMap(tagsOf)[0];
  const ref = first === undefined ? path : `${path}:${first}`;
  return markup`<p>${description}</p>
<p>${isPrivate ? "Private" : "Public"}</p>
<h2>Tags</h2>
${tags.length === 0 ? markup`<p>None</p>` : markup`<dl>\n${tags}</dl>`}
<h2>Pull</h2>
<pre>singularity pull library://${ref}
apptainer pull library://${ref}
sifshelf pull ${ref}</pre>`;
}
