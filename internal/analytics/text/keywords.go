package text

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const (
	// FewConversations is below how many conversations there is no contrast.
	FewConversations = 20
	// elsewhere is in how many other conversations a keyword must stand: a word of
	// one customer alone is a name, an address or a slip.
	elsewhere = 2
	// common is the share of conversations from which on a word is no keyword.
	common = 1.0 / 3

	mostKeywords = 8
	mostTopics   = 5
)

// Background holds the words of the tenant's conversations: in how many of them
// each word, and each pair of words beside each other, stands. It is not safe for
// several goroutines while Add is called.
type Background struct {
	in map[string]map[string]int // conversations by language and term
	of map[string]int            // conversations by language
}

// NewBackground is one without conversations.
func NewBackground() *Background {
	return &Background{in: map[string]map[string]int{}, of: map[string]int{}}
}

// Add counts the texts of one conversation.
func (b *Background) Add(judged ...Judgement) {
	seen := map[string]map[string]bool{}
	for _, j := range judged {
		if seen[j.Language] == nil {
			seen[j.Language] = map[string]bool{}
			b.of[j.Language]++
		}
		for _, t := range terms(j.Words) {
			seen[j.Language][t] = true
		}
	}
	for lang, set := range seen {
		if b.in[lang] == nil {
			b.in[lang] = map[string]int{}
		}
		for t := range set {
			b.in[lang][t]++
		}
	}
}

// Keywords are the words and pairs of a text that stand in few of the tenant's
// other conversations in its language, rarest first; ties by the alphabet. counted
// reports whether the text's own conversation is in b. It is nil where there are
// fewer than FewConversations others, and where words cannot be separated.
func (b *Background) Keywords(j Judgement, counted bool) []string {
	others, own := b.of[j.Language], 0
	if counted {
		others, own = others-1, 1
	}
	if others < FewConversations || j.Language == Wordless || strings.HasPrefix(j.Language, Undetermined) {
		return nil
	}
	type scored struct {
		term   string
		weight float64
	}
	uses := map[string]int{}
	for _, t := range terms(j.Words) {
		uses[t]++
	}
	list := []scored{}
	for t, n := range uses {
		in := b.in[j.Language][t] - own
		if in >= elsewhere && float64(in) < common*float64(others) {
			// A pair that stands as often as its words is worth more than either.
			list = append(list, scored{t, float64(n) * math.Log(float64(others)/float64(in)) * float64(1+strings.Count(t, " "))})
		}
	}
	slices.SortFunc(list, func(x, y scored) int {
		return cmp.Or(cmp.Compare(y.weight, x.weight), cmp.Compare(x.term, y.term))
	})
	keywords := make([]string, 0, mostKeywords)
	for _, s := range list[:min(len(list), mostKeywords)] {
		keywords = append(keywords, s.term)
	}
	return keywords
}

// terms are the words that say something, and the pairs of them that stand
// beside each other.
func terms(list []string) (all []string) {
	before := ""
	for _, w := range list {
		if smallWords[w] != "" && !subject(w) || len([]rune(w)) < 3 {
			before = ""
			continue
		}
		all = append(all, w)
		if before != "" && before != w {
			all = append(all, before+" "+w)
		}
		before = w
	}
	return all
}

// subject reports whether a small word is a subject of speech all the same: it
// shows a language, and a topic, too.
func subject(w string) bool { return strings.Contains(subjects, " "+w+" ") }

const subjects = ` order orders ordered delivery refund account password email payment website bestellung lieferung commande livraison colis pedido envío
 entrega ordine spedizione bestelling levering zamówienie objednávka sipariş заказ доставка замовлення поръчка geld dinero деньги `

// Topics are the subjects of a text: the intents and tags that were given, then
// the pairs among its keywords, at most five, each once, in lower case.
func Topics(intents, tags, keywords []string) []string {
	topics := []string{}
	add := func(s string) {
		s = strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " "))
		if s != "" && len(topics) < mostTopics && !slices.Contains(topics, s) {
			topics = append(topics, s)
		}
	}
	for _, s := range slices.Concat(intents, tags) {
		add(s)
	}
	for _, s := range keywords {
		if strings.Contains(s, " ") {
			add(s)
		}
	}
	return topics
}
