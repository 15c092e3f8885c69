// The screens by the names the routes give them.
import type { Component } from "svelte";
import Profile from "./account/Profile.svelte";
import Sessions from "./account/Sessions.svelte";
import Audit from "./audit/Audit.svelte";
import Datasets from "./inbox/Datasets.svelte";
import Inbox from "./inbox/Inbox.svelte";
import Keys from "./keys/Keys.svelte";
import Expiring from "./people/Expiring.svelte";
import Organisations from "./people/Organisations.svelte";
import People from "./people/People.svelte";
import Person from "./people/Person.svelte";
import Forgotten from "./signing/Forgotten.svelte";
import Invitation from "./signing/Invitation.svelte";
import Reset from "./signing/Reset.svelte";
import SignIn from "./signing/SignIn.svelte";

export const SCREENS: Readonly<Record<string, Component>> = {
  inbox: Inbox,
  datasets: Datasets,
  people: People,
  person: Person,
  expiring: Expiring,
  organisations: Organisations,
  keys: Keys,
  sessions: Sessions,
  audit: Audit,
  profile: Profile,
  "sign-in": SignIn,
  invitation: Invitation,
  forgotten: Forgotten,
  reset: Reset,
};
