package text

// measured has, by the strength of the score, which share of its labels people had
// given, too, in tweets and reviews of products together; see results.md. Read-only.
var measured = []struct{ below, right float64 }{
	{0.05, 0.38}, {0.25, 0.50}, {0.5, 0.70}, {0.75, 0.85}, {1.1, 0.93},
}
