package text_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/analytics/text"
)

func TestLanguage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"Where is my order?":                        "en",
		"Great, thanks!":                            "en",
		"I hate this die":                           "en",
		"Die Bestellung ist noch nicht da":          "de",
		"Die Lieferung war super":                   "de",
		"Das ist ein Problem, bitte helfen Sie mir": "de",
		"No funciona, necesito ayuda":               "es",
		"Où est ma commande ?":                      "fr",
		"Merci beaucoup":                            "fr",
		"Non funziona niente, grazie":               "it",
		"Waar is mijn bestelling?":                  "nl",
		"Onde está o meu pedido?":                   "pt",
		"Здравствуйте, где мой заказ? Я жду уже неделю.": "ru",
		"Де моє замовлення? Дякую":                       "uk",
		"Где?":        "ru",
		"Кошка":       "und-Cyrl",
		"12345":       "zxx",
		"👍":           "zxx",
		"":            "zxx",
		"xqzt":        "und",
		"どこですか":       "ja",
		"안녕하세요":       "ko",
		"https://x.y": "zxx",
	} {
		if got := text.Language(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}
