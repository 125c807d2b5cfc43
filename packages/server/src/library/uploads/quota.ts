import type { QuotaResponse } from "@sifshelf/protocol";

import { entityUsage, findEntityById } from "../../catalog/entities.js";
import type { ImageRecord } from "../../catalog/records.js";
import type { Library } from "../library.js";

/** Storage that the image's entity may use and uses, in bytes; a total of 0 is unlimited. */
export async function quotaOf(
  { catalog }: Library,
  { container: { entityId } }: ImageRecord,
): Promise<QuotaResponse> {
  const entity = await findEntityById(catalog, entityId);
  return {
    quotaTotal: entity?.quotaBytes ?? 0,
    quotaUsage: await entityUsage(catalog, entityId),
  };
}
