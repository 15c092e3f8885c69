// What lines of the log are about, and how things went.

export const KINDS = [
  "api-key",
  "audit",
  "dataset",
  "invitation",
  "mandate",
  "notice",
  "organisation",
  "person",
  "profile",
  "session",
  "submission",
] as const;

export const OUTCOMES = ["done", "refused", "failed"] as const;
