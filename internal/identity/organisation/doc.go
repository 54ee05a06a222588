// Package organisation keeps the people of the offices in order (组织管理): who
// holds which post from when until when, what needs a second person, whose
// account is closed, and how the departments are reached.
//
//	post:     future ──its day comes──▶ held ──its last day is over, or End──▶ over
//	proposal: open ──Confirm──▶ confirmed (a post); ──Refuse──▶ refused; ──Recall──▶ recalled; ──14 days──▶ over
//	account:  active ──Close──▶ closed ──Reopen──▶ active, without any post
//
// # Invariants
//
//   - identity.GivePost is the one way to a post of an account that is there. The
//     three administrators are three people on every day; who proposes a post never
//     confirms it; nobody gives himself anything.
//   - No change leaves a day without an active system, security or audit
//     administrator earlier than there would have been one without it.
//   - A closed account holds nothing: no post, no session, no task, no deputyship,
//     no proposal. Opened again it starts with nothing.
//   - A group (mailbox) is of one department. What it has to do is for those of its
//     members who hold the post that the task wants; when there is none any more, it
//     is the whole department's.
//   - The audit administrator reads and changes nothing.
//
// Owns identity_post_proposal, identity_group and identity_group_member, and writes identity_post, identity_department and the
// state of identity_account.
package organisation
