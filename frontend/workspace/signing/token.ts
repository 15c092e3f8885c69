// The token of an invitation or a reset, which comes in the address and is taken out of it at once.

/** Read it from the fragment, which no server ever sees, or from the query. */
export function takeToken(): string {
  const { hash, search, pathname } = location;
  const token = new URLSearchParams(hash.slice(1)).get("token") ?? new URLSearchParams(search).get("token") ?? "";
  if (token) history.replaceState(null, "", pathname);
  return token;
}
