// What the workspace asks of the API, one line an operation.
import type * as Api from "../../api/types.gen";
import { operation } from "./http";

const ACCESS = "/api/v1/access";

// Who is signed in
export const me = operation<Api.AccessMeData, Api.AccessMeResponses>("GET", `${ACCESS}/me`);
export const signOut = operation<Api.AccessSignOutData, Api.AccessSignOutResponses>("POST", `${ACCESS}/sign-out`);
export const switchMandate = operation<Api.AccessSwitchData, Api.AccessSwitchResponses>("POST", `${ACCESS}/mandate`);

// Signing in
export const signIn = operation<Api.SignInData, Api.SignInResponses>("POST", `${ACCESS}/sign-in`);
export const signInCode = operation<Api.SignInCodeData, Api.SignInCodeResponses>("POST", `${ACCESS}/sign-in/code`);
export const signInPasskeyOptions = operation<Api.SignInPasskeyOptionsData, Api.SignInPasskeyOptionsResponses>(
  "POST",
  `${ACCESS}/sign-in/passkey/options`,
);
export const signInPasskey = operation<Api.SignInPasskeyData, Api.SignInPasskeyResponses>(
  "POST",
  `${ACCESS}/sign-in/passkey`,
);
export const forgotten = operation<Api.ForgottenData, Api.ForgottenResponses>("POST", `${ACCESS}/password/forgotten`);
export const resetPassword = operation<Api.ResetData, Api.ResetResponses>("POST", `${ACCESS}/password/reset`);
export const readInvitation = operation<Api.ReadInvitationData, Api.ReadInvitationResponses>(
  "POST",
  `${ACCESS}/invitation/read`,
);
export const acceptInvitation = operation<Api.AcceptInvitationData, Api.AcceptInvitationResponses>(
  "POST",
  `${ACCESS}/invitation/accept`,
);

// One's own account
export const profile = operation<Api.ProfileData, Api.ProfileResponses>("GET", `${ACCESS}/profile`);
export const changeProfile = operation<Api.ChangeProfileData, Api.ChangeProfileResponses>("PATCH", `${ACCESS}/profile`);
export const changePassword = operation<Api.ChangePasswordData, Api.ChangePasswordResponses>(
  "POST",
  `${ACCESS}/profile/password`,
);
export const beginTotp = operation<Api.BeginTotpData, Api.BeginTotpResponses>("POST", `${ACCESS}/totp`);
export const confirmTotp = operation<Api.ConfirmTotpData, Api.ConfirmTotpResponses>("POST", `${ACCESS}/totp/confirm`);
export const removeTotp = operation<Api.RemoveTotpData, Api.RemoveTotpResponses>("DELETE", `${ACCESS}/totp`);
export const newRecoveryCodes = operation<Api.NewRecoveryCodesData, Api.NewRecoveryCodesResponses>(
  "POST",
  `${ACCESS}/recovery-codes`,
);
export const passkeys = operation<Api.PasskeysData, Api.PasskeysResponses>("GET", `${ACCESS}/passkeys`);
export const passkeyOptions = operation<Api.PasskeyOptionsData, Api.PasskeyOptionsResponses>(
  "POST",
  `${ACCESS}/passkeys/options`,
);
export const addPasskey = operation<Api.AddPasskeyData, Api.AddPasskeyResponses>("POST", `${ACCESS}/passkeys`);
export const removePasskey = operation<Api.RemovePasskeyData, Api.RemovePasskeyResponses>(
  "DELETE",
  `${ACCESS}/passkeys/{number}`,
);
export const sessions = operation<Api.SessionsData, Api.SessionsResponses>("GET", `${ACCESS}/sessions`);
export const endSession = operation<Api.EndOneSessionData, Api.EndOneSessionResponses>(
  "DELETE",
  `${ACCESS}/sessions/{number}`,
);
export const endOtherSessions = operation<Api.EndOtherSessionsData, Api.EndOtherSessionsResponses>(
  "DELETE",
  `${ACCESS}/sessions`,
);

// API keys
export const keys = operation<Api.KeysData, Api.KeysResponses>("GET", `${ACCESS}/keys`);
export const createKey = operation<Api.CreateKeyData, Api.CreateKeyResponses>("POST", `${ACCESS}/keys`);
export const revokeKey = operation<Api.RevokeKeyData, Api.RevokeKeyResponses>("DELETE", `${ACCESS}/keys/{number}`);

// People, mandates and organisations
export const organisations = operation<Api.PeopleOrganisationsData, Api.PeopleOrganisationsResponses>(
  "GET",
  `${ACCESS}/organisations`,
);
export const createOrganisation = operation<Api.PeopleCreateOrganisationData, Api.PeopleCreateOrganisationResponses>(
  "POST",
  `${ACCESS}/organisations`,
);
export const changeOrganisation = operation<Api.PeopleChangeOrganisationData, Api.PeopleChangeOrganisationResponses>(
  "PATCH",
  `${ACCESS}/organisations/{number}`,
);
export const people = operation<Api.PeoplePeopleData, Api.PeoplePeopleResponses>("GET", `${ACCESS}/people`);
export const person = operation<Api.PeoplePersonData, Api.PeoplePersonResponses>("GET", `${ACCESS}/people/{number}`);
export const closePerson = operation<Api.PeopleCloseData, Api.PeopleCloseResponses>(
  "POST",
  `${ACCESS}/people/{number}/close`,
);
export const personSessions = operation<Api.PeopleSessionsData, Api.PeopleSessionsResponses>(
  "GET",
  `${ACCESS}/people/{number}/sessions`,
);
export const endPersonSessions = operation<Api.PeopleEndSessionsData, Api.PeopleEndSessionsResponses>(
  "DELETE",
  `${ACCESS}/people/{number}/sessions`,
);
export const invite = operation<Api.PeopleInviteData, Api.PeopleInviteResponses>("POST", `${ACCESS}/invitations`);
export const inviteAgain = operation<Api.PeopleInviteAgainData, Api.PeopleInviteAgainResponses>(
  "POST",
  `${ACCESS}/invitations/{number}/again`,
);
export const withdrawInvitation = operation<Api.PeopleRevokeData, Api.PeopleRevokeResponses>(
  "DELETE",
  `${ACCESS}/invitations/{number}`,
);
export const mandates = operation<Api.PeopleExpiringData, Api.PeopleExpiringResponses>("GET", `${ACCESS}/mandates`);
export const createMandate = operation<Api.PeopleGrantData, Api.PeopleGrantResponses>("POST", `${ACCESS}/mandates`);
export const renewMandate = operation<Api.PeopleRenewData, Api.PeopleRenewResponses>("POST", `${ACCESS}/mandates/{number}/renew`);
export const endMandate = operation<Api.PeopleEndData, Api.PeopleEndResponses>("POST", `${ACCESS}/mandates/{number}/end`);

// Rights
export const roles = operation<Api.PeopleRolesData, Api.PeopleRolesResponses>("GET", `${ACCESS}/roles`);
export const explain = operation<Api.PeopleExplainData, Api.PeopleExplainResponses>("GET", `${ACCESS}/explain`);

// Work
export const submissions = operation<Api.SubmissionsData, Api.SubmissionsResponses>("GET", "/api/v1/submissions");
export const notices = operation<Api.NoticesData, Api.NoticesResponses>("GET", "/api/v1/notices");
export const readNotice = operation<Api.ReadNoticeData, Api.ReadNoticeResponses>(
  "POST",
  "/api/v1/notices/{number}/read",
);
export const readAllNotices = operation<Api.ReadAllNoticesData, Api.ReadAllNoticesResponses>(
  "POST",
  "/api/v1/notices/read",
);

// The log
export const audit = operation<Api.AuditData, Api.AuditResponses>("GET", "/api/v1/audit");
export const verifyAudit = operation<Api.VerifyAuditData, Api.VerifyAuditResponses>("GET", "/api/v1/audit/verify");

// The public catalogue
export const layers = operation<Api.LayersLayersData, Api.LayersLayersResponses>("GET", "/api/v1/layers");
