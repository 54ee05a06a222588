// Package mandateweb is the pages on which a firm says who acts for it: its
// colleagues, invitations, owners, and organisations under a mandate.
package mandateweb
