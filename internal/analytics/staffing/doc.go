// Package staffing computes how many people a stream of contacts needs, and how
// long contacts wait for a given number of people: Erlang B, C and A, several
// chats at a time, work that can be put off, and the demand of a forecast.
//
// A contact is a call, a chat or an e-mail. An Erlang is one agent's time: the
// offered load is contacts per interval times handling time, in Erlang.
//
//	erlang.go       Erlang B and C, the queue that nobody leaves
//	abandon.go      Erlang A, the queue that people leave
//	staffing.go     figures for a number of agents, smallest number for targets
//	decimal.go      figures that must not be rounded: loads, caps, shrinkage
//	chat.go         the gain of several chats at a time
//	demand.go       the demand of a forecast's hour
//
// It never reads a table, a setting or the time, and never puts a default in
// the place of a handling time that is not known: that is ErrNoAHT.
package staffing
