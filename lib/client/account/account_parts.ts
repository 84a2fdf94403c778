/** The parts of `createKimi` that its `fetch` does not need. */

export { loginHosts } from "../../kimi/identity/login_hosts.ts";
export { startLogin } from "../tokens/device_login.ts";
export { fetchUsage } from "./fetch_usage.ts";
export { fetchModels } from "./list_models.ts";
