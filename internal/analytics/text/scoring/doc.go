// Package scoring is the job that judges customers' messages: it reads those
// that wait in romashka.text_queue, has text judge them, and writes rows of
// sentiment_analysis. Nothing leaves the process but those rows.
//
// Messages and queue are in one transaction of the writer, results and queue in
// one of the job; so none is lost, and none is judged twice but where it changed.
package scoring
