package staffing

import "math"

// ErlangB returns the share of contacts that find all agents busy when those
// are turned away: the blocking of load Erlang on agents. load >= 0, agents >= 0.
//
// The recursion B(n) = load B(n-1) / (n + load B(n-1)) adds positive numbers
// only, so it neither overflows nor cancels for any number of agents.
func ErlangB(load float64, agents int) float64 {
	b := 1.0
	for n := 1; n <= agents; n++ {
		b = nextB(load, n, b)
	}
	return b
}

// nextB returns the blocking of n agents from that of n-1.
func nextB(load float64, n int, b float64) float64 {
	return load * b / (float64(n) + load*b)
}

// ErlangC returns the share of contacts that wait when nobody leaves the queue.
// It is 1 where agents are no more than the load: the queue grows for ever.
func ErlangC(load float64, agents int) float64 {
	if float64(agents) <= load {
		return 1
	}
	return waiting(load, agents, ErlangB(load, agents))
}

// waiting returns Erlang C from Erlang B of the same load and agents.
func waiting(load float64, agents int, b float64) float64 {
	n := float64(agents)
	return n * b / (n - load*(1-b))
}

// queueC returns the fate of contacts in a queue that nobody leaves. handling and
// within are in one unit of time, b is Erlang B.
func queueC(load, handling, within float64, agents int, b float64) queue {
	wait := waiting(load, agents, b)
	spare := float64(agents) - load
	return queue{
		wait:      wait,
		answered:  1 - wait*math.Exp(-spare*within/handling),
		meanWait:  wait * handling / spare,
		occupancy: load / float64(agents),
	}
}

// queue is the fate of contacts, as shares of all of them.
type queue struct {
	wait      float64 // share of contacts that wait at all
	answered  float64 // share answered in time
	abandon   float64 // share that leave before they are answered
	meanWait  float64 // of all contacts, those who leave included
	occupancy float64 // mean share of agents that are busy
}
