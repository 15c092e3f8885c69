// What the workspace asks of the API, one line an operation.
import type * as Api from "../../api/types.gen";
import { operation } from "./http";

const ACCESS = "/api/v1/access";

// Who is signed in
export const me = operation<Api.AccessMeData, Api.AccessMeResponses>("GET", `${ACCESS}/me`);
export const signOut = operation<Api.AccessSignOutData, Api.AccessSignOutResponses>("POST", `${ACCESS}/sign-out`);
export const switchMandate = operation<Api.AccessSwitchData, Api.AccessSwitchResponses>("POST", `${ACCESS}/mandate`);

// Signing in
export const signIn = operation<Api.SigningInWithPasswordData, Api.SigningInWithPasswordResponses>("POST", `${ACCESS}/sign-in`);
export const signInCode = operation<Api.SigningInWithCodeData, Api.SigningInWithCodeResponses>("POST", `${ACCESS}/sign-in/code`);
export const signInPasskeyOptions = operation<Api.SigningInPasskeyOptionsData, Api.SigningInPasskeyOptionsResponses>(
  "POST",
  `${ACCESS}/sign-in/passkey/options`,
);
export const signInPasskey = operation<Api.SigningInWithPasskeyData, Api.SigningInWithPasskeyResponses>(
  "POST",
  `${ACCESS}/sign-in/passkey`,
);
export const forgotten = operation<Api.SigningInForgottenData, Api.SigningInForgottenResponses>("POST", `${ACCESS}/password/forgotten`);
export const resetPassword = operation<Api.SigningInResetData, Api.SigningInResetResponses>("POST", `${ACCESS}/password/reset`);
export const readInvitation = operation<Api.SigningInReadInvitationData, Api.SigningInReadInvitationResponses>(
  "POST",
  `${ACCESS}/invitation/read`,
);
export const acceptInvitation = operation<Api.SigningInAcceptData, Api.SigningInAcceptResponses>(
  "POST",
  `${ACCESS}/invitation/accept`,
);

// One's own account
export const profile = operation<Api.OwnAccountProfileData, Api.OwnAccountProfileResponses>("GET", `${ACCESS}/profile`);
export const changeProfile = operation<Api.OwnAccountChangeProfileData, Api.OwnAccountChangeProfileResponses>("PATCH", `${ACCESS}/profile`);
export const changePassword = operation<Api.OwnAccountChangePasswordData, Api.OwnAccountChangePasswordResponses>(
  "POST",
  `${ACCESS}/profile/password`,
);
export const prove = operation<Api.OwnAccountProveData, Api.OwnAccountProveResponses>("POST", `${ACCESS}/prove`);
export const beginTotp = operation<Api.OwnAccountBeginGeneratorData, Api.OwnAccountBeginGeneratorResponses>("POST", `${ACCESS}/totp`);
export const confirmTotp = operation<Api.OwnAccountConfirmGeneratorData, Api.OwnAccountConfirmGeneratorResponses>("POST", `${ACCESS}/totp/confirm`);
export const removeTotp = operation<Api.OwnAccountRemoveGeneratorData, Api.OwnAccountRemoveGeneratorResponses>("DELETE", `${ACCESS}/totp`);
export const newRecoveryCodes = operation<Api.OwnAccountNewRecoveryCodesData, Api.OwnAccountNewRecoveryCodesResponses>(
  "POST",
  `${ACCESS}/recovery-codes`,
);
export const passkeys = operation<Api.OwnAccountOwnPasskeysData, Api.OwnAccountOwnPasskeysResponses>("GET", `${ACCESS}/passkeys`);
export const passkeyOptions = operation<Api.OwnAccountPasskeyOptionsData, Api.OwnAccountPasskeyOptionsResponses>(
  "POST",
  `${ACCESS}/passkeys/options`,
);
export const addPasskey = operation<Api.OwnAccountAddPasskeyData, Api.OwnAccountAddPasskeyResponses>("POST", `${ACCESS}/passkeys`);
export const removePasskey = operation<Api.OwnAccountRemovePasskeyData, Api.OwnAccountRemovePasskeyResponses>(
  "DELETE",
  `${ACCESS}/passkeys/{number}`,
);
export const sessions = operation<Api.OwnAccountSessionsData, Api.OwnAccountSessionsResponses>("GET", `${ACCESS}/sessions`);
export const endSession = operation<Api.OwnAccountEndSessionData, Api.OwnAccountEndSessionResponses>(
  "DELETE",
  `${ACCESS}/sessions/{number}`,
);
export const endOtherSessions = operation<Api.OwnAccountEndOthersData, Api.OwnAccountEndOthersResponses>(
  "DELETE",
  `${ACCESS}/sessions`,
);

// API keys
export const keys = operation<Api.ApiKeysKeysData, Api.ApiKeysKeysResponses>("GET", `${ACCESS}/keys`);
export const createKey = operation<Api.ApiKeysCreateData, Api.ApiKeysCreateResponses>("POST", `${ACCESS}/keys`);
export const revokeKey = operation<Api.ApiKeysRevokeData, Api.ApiKeysRevokeResponses>("DELETE", `${ACCESS}/keys/{number}`);

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
export const nameSuccessor = operation<Api.PeopleNameSuccessorData, Api.PeopleNameSuccessorResponses>(
  "POST",
  `${ACCESS}/mandates/{number}/successor`,
);
export const endMandate = operation<Api.PeopleEndData, Api.PeopleEndResponses>("POST", `${ACCESS}/mandates/{number}/end`);

// Rights
export const roles = operation<Api.PeopleRolesData, Api.PeopleRolesResponses>("GET", `${ACCESS}/roles`);
export const explain = operation<Api.PeopleExplainData, Api.PeopleExplainResponses>("GET", `${ACCESS}/explain`);

// Work
export const submissions = operation<Api.SubmissionsSubmissionsData, Api.SubmissionsSubmissionsResponses>("GET", "/api/v1/submissions");
export const notices = operation<Api.NoticesListedData, Api.NoticesListedResponses>("GET", "/api/v1/notices");
export const readNotice = operation<Api.NoticesReadData, Api.NoticesReadResponses>(
  "POST",
  "/api/v1/notices/{number}/read",
);
export const readAllNotices = operation<Api.NoticesReadAllData, Api.NoticesReadAllResponses>(
  "POST",
  "/api/v1/notices/read",
);

// The log
export const audit = operation<Api.AuditListedData, Api.AuditListedResponses>("GET", "/api/v1/audit");
export const verifyAudit = operation<Api.AuditVerifiedData, Api.AuditVerifiedResponses>("GET", "/api/v1/audit/verify");

// The public catalogue
export const layers = operation<Api.LayersLayersData, Api.LayersLayersResponses>("GET", "/api/v1/layers");
