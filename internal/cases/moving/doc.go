// Package moving says whether a live case can go over to a newer version of its
// item, and what that changes: the stage where it lands, the desks, what the new
// version asks for and the case does not have. It is pure: cases reads and writes.
//
// A case lands in the stage with the same key. An open task goes on as the task
// with the same stage and key, and only as one of the same kind: what somebody
// has half done is never turned into something else. What the new version adds
// to the present stage is opened; what it adds before it is told and not done.
//
// The clock never turns against the applicant: see Keep.
package moving
