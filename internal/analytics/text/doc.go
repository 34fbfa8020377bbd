// Package text judges a customer's message: its language, its
// sentiment, its topics. It holds rules and word lists alone; text/scoring reads
// messages, calls it and writes.
//
// Language comes first. The sentiment model is VADER's, a lexicon of English with
// rules for negation, degree and emphasis; a text in another language has no
// sentiment, and its language is the reason. Emoji are judged in any language only
// where there is nothing else. Emotions are never given: no lexicon of them is
// licensed for this product.
//
// How well it does on texts that people have judged stands in results.md.
package text
