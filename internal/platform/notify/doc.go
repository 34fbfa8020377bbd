// Package notify brings a message to people: by mail over SMTP, by SMS over
// Twilio's HTTP API or another that speaks it, to a signed webhook, to a
// webhook that reads Slack's messages.
//
// There are two ways out. [Sender.Send] sends at once and says how it went: for
// codes of second factors, whose texts are written down nowhere. A message that may wait
// goes into a table ([Enqueue], in the transaction of its cause), from
// which [Courier.Run] sends it: with new attempts after failures, bursts as one
// message, and none but urgent ones in quiet hours.
//
// It never decides that somebody gets a message, and never reads the texts it sends.
package notify
