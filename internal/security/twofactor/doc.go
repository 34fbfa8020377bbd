// Package twofactor makes and checks second factors: codes of authenticator
// apps, codes by SMS and mail, backup codes. It answers the endpoints
// rpc/two_factor_*, and encrypts what the front end writes in the clear.
//
//	Handler    the endpoints: caller, arguments, answer           (handler.go, call.go)
//	attempt    one try of a user: order, limits, traces           (attempt.go)
//	factor     enrol, confirm, challenge, verify, disable, reset  (enroll.go, verify.go, reset.go)
//	Keyring    the key, which the database never has              (key.go)
//	Keeper     encrypts secrets that came as rows                 (keeper.go)
//
// All that decides is decided in the database, so that replicas agree: a code
// is taken there once, limits are counted there, one attempt of a user at a
// time. The statements stand in sql/twofactor.
//
// It never decides who must show a second factor: policies ask
// romashka.second_factor_passed().
package twofactor
