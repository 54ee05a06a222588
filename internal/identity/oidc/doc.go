// Package oidc signs people in over a provider of single sign-on (统一身份认证), such
// as the unified login of a province: OpenID Connect Core 1.0, code flow with
// PKCE (RFC 7636).
//
//	sign in:  Begin ──▶ provider ──▶ Finish ──linked──▶ account
//	                                    └──not linked──▶ stranger ──password──▶ linked
//	link:     password ──▶ Begin ──▶ provider ──▶ Finish ──▶ linked ──Unlink──▶ gone
//
// # Invariants
//
//   - An answer counts only in the browser that asked, once, within ten minutes,
//     for the provider that was asked (state, nonce, verifier; a redirect address
//     of each provider's own, and the issuer named in the answer, RFC 9207).
//   - A token is taken only when the provider signed it for us.
//   - An account is never linked silently, whatever the provider says about who
//     somebody is: the password of the account, and its second factor, are asked
//     for first, and its owner is told.
//   - What the provider says about factors (amr) spares none of the account's own.
//   - An identity number that the provider tells must be the account's; where the
//     settings name a claim for it, one that is missing is refused.
//   - Accounts of persons only: staff sign in with their own.
//   - One identity opens one account; an account has one identity of a provider.
//
// # Boundaries
//
// Owns the table identity_oidc_link. Providers stand in a file that the setting
// "oidc" names.
package oidc
