// What each route asks of a token and of the object that it is about, for audits of a server.
export type { AccessRule, RequiredRelation, RequiredScope } from "./access/access-rule.js";
export { LIBRARY_ACCESS } from "./api/library/access-table.js";
export { REMOTE_ACCESS, REMOTE_ROUTES } from "./api/remote/remote-routes.js";
