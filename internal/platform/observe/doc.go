// Package observe holds what the sidecar tells about itself: the log, the
// request id that ties its lines together, the series of /metrics and traces.
//
// It never decides what is worth telling, never sends anything over a network
// but traces, where a collector is named, and never lets a secret through:
// [NewLogger] blanks attributes whose key names one, as a second line of
// defence behind the callers.
package observe
