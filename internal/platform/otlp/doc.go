// Package otlp sends log records to a collector, by OTLP over HTTP, in protobuf.
//
// A record is marshalled as it comes and waits in a queue with a limit; batches leave
// every half second. While the collector is away the oldest are lost, and counted.
// It never makes a caller wait, and never knows which events the records are of.
package otlp
