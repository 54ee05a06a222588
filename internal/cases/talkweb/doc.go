// Package talkweb holds the pages of the conversation about a case, one for
// applicants and one for staff, and the page on which a department keeps its
// canned texts. Mark is what lists show of a conversation.
package talkweb
