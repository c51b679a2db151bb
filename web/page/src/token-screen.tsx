// Where the server gives no tokens of its own and names nobody who does: somebody pastes one.

import { useState } from "react";
import { keepPastedToken } from "./site.ts";

export function TokenScreen({ onDone }: { onDone: () => void }) {
  const [token, setToken] = useState("");
  return (
    <main id="main" className="page narrow">
      <h1 tabIndex={-1}>Sign in</h1>
      <p>This server wants a token from your learning platform. Open viva from there, or paste a token here.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keepPastedToken(token);
          onDone();
        }}
      >
        <label className="field">
          <span>Token</span>
          <textarea required rows={4} value={token} onChange={(event) => setToken(event.target.value)} />
        </label>
        <button type="submit" className="primary">
          Sign in
        </button>
      </form>
    </main>
  );
}
