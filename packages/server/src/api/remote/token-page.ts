import { markup, page } from "./html-page.js";
import { type RemoteDeps, registerRemoteRoute } from "./register-route.js";

/**
 * The page at the address that `remote login` prints for getting a token. The same for everybody.
 */
export function registerTokenPage(deps: RemoteDeps): void {
  registerRemoteRoute(deps, "getTokenPage", async ({ reply }) =>
    page(reply, "Access tokens", HOW_TO_GET_ONE),
  );
}

const HOW_TO_GET_ONE = markup`<p>The administrator of this server makes tokens, on the server itself:</p>
<pre>sifshelf-server token create USER --scope write --data FOLDER</pre>
<p>A token is printed once. Save it as a file of one line, then log in with it:</p>
<pre>singularity remote login --tokenfile FILE REMOTE
apptainer remote login --tokenfile FILE REMOTE
sifshelf login --token-stdin URL &lt; FILE</pre>`;
