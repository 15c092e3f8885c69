// Notices and the log as agreed with the server, until it serves them and their types are generated with the others.

export interface NoticeOut {
  id: number;
  kind: "notice" | "task";
  title: string;
  text: string;
  link: string;
  createdAt: string;
  readAt: string | null;
  doneAt: string | null;
}

export interface NoticesData {
  url: "/api/v1/notices";
  query?: { unread?: boolean };
}
export type NoticesResponses = { 200: { notices: NoticeOut[]; unread: number } };

export interface ReadNoticeData {
  url: "/api/v1/notices/{number}/read";
  path: { number: number };
}
export interface ReadAllNoticesData {
  url: "/api/v1/notices/read";
}
export type Nothing = { 204: void };

interface AuditLineOut {
  number: number;
  at: string;
  person: number | null;
  name: string;
  role: string;
  country: string | null;
  action: string;
  kind: string;
  object: string;
  outcome: string;
  detail: Record<string, unknown>;
  address: string;
}

export interface AuditData {
  url: "/api/v1/audit";
  query?: Partial<Record<"q" | "action" | "kind" | "country" | "outcome" | "from" | "to" | "cursor", string | null>> & {
    person?: number | null;
    limit?: number;
  };
}
export type AuditResponses = { 200: { lines: AuditLineOut[]; total: number; next: string | null } };

export interface VerifyAuditData {
  url: "/api/v1/audit/verify";
}
export type VerifyAuditResponses = {
  200: { lines: number; valid: boolean; firstBroken: number | null; sealedUntil: string | null };
};
