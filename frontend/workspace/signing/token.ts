// The token of an invitation or a reset, which stands in the address's fragment and is taken out of it at once.

/** Read the token: no server and no log has seen it, and neither shall the browser's history. */
export function takeToken(): string {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token) history.replaceState(null, "", location.pathname);
  return token;
}
