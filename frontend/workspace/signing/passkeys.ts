// Passkeys in the browser: the server's options in, the credential out, both as the JSON of WebAuthn Level 3.

type Json = Record<string, unknown>;

export const canUsePasskeys = (): boolean =>
  typeof PublicKeyCredential !== "undefined" && "parseCreationOptionsFromJSON" in PublicKeyCredential;

/** Makes a passkey. Throws DOMException NotAllowedError when the person does not want to. */
export async function makePasskey(options: unknown): Promise<Json> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  return asJson(await navigator.credentials.create({ publicKey }));
}

/** Proves that the person has a passkey. Throws as makePasskey does. */
export async function usePasskey(options: unknown): Promise<Json> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return asJson(await navigator.credentials.get({ publicKey }));
}

export const isCancelled = (error: unknown): boolean => error instanceof DOMException && error.name === "NotAllowedError";

function asJson(credential: Credential | null): Json {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException("No credential", "NotAllowedError");
  return { ...credential.toJSON() };
}
