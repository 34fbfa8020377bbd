package text

import (
	"maps"
	"strings"
	"unicode"
)

// words are the words of a text in lower case: letters with apostrophes and
// hyphens inside, no digits, no addresses, no handles.
func words(s string) (list []string) {
	for field := range strings.FieldsSeq(s) {
		if strings.Contains(field, "://") || strings.ContainsAny(field, "@#") || strings.HasPrefix(field, "www.") {
			continue
		}
		for w := range strings.FieldsFuncSeq(strings.ToLower(field), between) {
			if w = strings.Trim(w, "'-"); w != "" {
				list = append(list, w)
			}
		}
	}
	return list
}

func between(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '-'
}

// smallWords are the words that hold sentences together, greetings among them,
// with the languages that have them. Read-only.
var smallWords = gather(map[string]string{
	"ru": `и в во не что он она они на я с со как а то все но да ты к у же вы за бы по только мне меня было вот от ещё еще нет о из ему когда даже ну если
		уже или ни быть был была до вас нибудь где есть мой моя мои мое это этот эта почему спасибо здравствуйте привет пожалуйста заказ доставка очень хорошо
		плохо нужно можно жду добрый день хочу могу деньги`,
	"uk": `і й в у не що він вона вони на я з як а то все але так ти до ж ви за би по мені мене було від ще ні про коли якщо вже або бути був була вас де є мій моя
		мої це цей ця чому дякую добрий день привіт будь ласка замовлення доставка дуже потрібно можна`,
	"bg": `и в не че той тя те на аз с със как а то но да ти ще за по само ми ме беше от има няма из кога ако вече или бъде къде е съм си са моя моята това този
		защо благодаря здравейте моля поръчка доставка много`,
	"en": `a an the and or but if of to in on at by for with from about as is are was were be been being am i you he she it we they me him her us them
		my your his its our their this that these those there here what which who whom when where why how not no do does did done have has had having
		can could will would shall should may might must isn't aren't wasn't don't doesn't didn't can't couldn't won't wouldn't i'm i've i'll it's you're
		we're they're that's there's what's so too very just only also then than more most some any all every each other another because while after before
		again still already yet please thanks thank hello hi hey yes yeah ok okay sorry order orders ordered delivery refund account password email help need
		want get got know payment website still got never ever now today tomorrow yesterday up down out off over into your yours mine im dont cant lol u ur`,
	"de": `der die das und oder aber ich du er sie es wir ihr mich mir dich dir ihm ihn uns euch sich ist sind war waren bin bist sein wird werden wurde
		habe hat haben hatte hatten nicht kein keine keinen ein eine einen einem einer mein meine meinen dein ihre ihren mit von zu zum zur im auf für bei nach
		aus über unter auch noch schon nur sehr wie was wo wann warum wer kann können konnte muss müssen will wollen möchte soll dass wenn weil bitte danke
		hallo guten tag ja nein heute morgen gestern immer wieder bestellung lieferung vielen dank den dem des als an doch mal hier jetzt dieser diese dieses super
		gut schlecht leider warten warte geld zurück`,
	"fr": `le la les un une des du de et ou mais je tu il elle nous vous ils elles me te se mon ma mes ton votre vos notre nos son sa ses ce cette ces est sont
		était suis êtes être avoir ai as avez ont pas ne plus que qui quoi où quand comment pourquoi dans sur avec pour par sans chez très bien aussi encore
		déjà merci bonjour salut oui non s'il c'est j'ai je n'ai n'est d'un d'une l'a qu'il au aux en y commande livraison colis toujours rien tout
		peux pouvez veux voudrais besoin depuis`,
	"es": `el la los las un una unos unas y o pero yo tú él ella nosotros ustedes ellos me te se mi mis tu su sus es son era soy está están estoy estar ser he ha
		han no sí que qué quién cuándo dónde cómo por para con sin en de del al muy más también ya gracias hola buenos buenas días tardes pedido envío necesito
		quiero puedo puede tengo tiene hay este esta esto eso todo nada nunca siempre lo le les porque cuando como favor dinero`,
	"it": `il lo la i gli le un una uno e o ma io tu lui lei noi voi loro mi ti si ci mio mia tuo sua è sono era sei siamo ho hai ha abbiamo hanno non che chi cosa
		quando dove come perché per con senza in di del della dei delle al alla nel nella molto più anche già grazie ciao buongiorno sì ordine spedizione
		vorrei posso può questo questa tutto niente mai sempre ancora`,
	"pt": `o a os as um uma uns umas e ou mas eu tu ele ela nós vocês eles me te se meu minha seu sua é são era sou está estão estou ser ter tem tenho não sim que
		quem quando onde como porque por para com sem em de do da dos das no na ao muito mais também já obrigado obrigada olá oi bom boa dia pedido entrega
		preciso quero posso pode isso este esta tudo nada nunca sempre`,
	"nl": `de het een en of maar ik jij je hij zij we wij jullie u mij me hem haar ons zich mijn jouw uw is zijn was waren ben bent word wordt heb heeft hebben had
		niet geen met van te op voor bij naar uit over ook nog al alleen zeer heel hoe wat waar wanneer waarom wie kan kunnen moet wil bedankt dank hallo ja nee
		bestelling levering goed dit dat deze die er als aan graag alstublieft`,
	"pl": `i w na z do nie się jest są to że co jak gdzie kiedy dlaczego dla od po za przez ale czy tak mam mój moja moje ja ty on ona my wy oni był była było być
		dziękuję proszę dzień dobry cześć zamówienie bardzo już jeszcze tylko mnie`,
	"cs": `a v na s z do ne se je jsou to že co jak kde kdy proč pro od po za přes ale ano mám můj moje já ty on ona my vy oni byl byla bylo být děkuji prosím dobrý den
		ahoj objednávka velmi už ještě jen mě mi si jsem není nebo který`,
	"tr": `ve bir bu da de için ile ne mi ben sen o biz siz çok var yok değil ama nasıl nerede neden merhaba teşekkürler lütfen evet hayır sipariş daha gibi`,
	"sv": `och att det som en ett jag du han hon vi ni de är var har hade inte med på för av till från om men hur vad när varför tack hej ja nej mycket min mitt`,
})

// foreignLetters are those that few languages have. Read-only.
var foreignLetters = map[rune]string{
	'ä': "de sv", 'ö': "de sv tr", 'ü': "de tr", 'ß': "de", 'å': "sv", 'ñ': "es", 'á': "es pt cs", 'í': "es pt cs", 'ó': "es pt pl", 'ú': "es pt cs",
	'ç': "fr pt tr", 'è': "fr it", 'é': "fr es pt cs", 'ê': "fr pt", 'à': "fr it pt", 'ù': "fr it", 'î': "fr", 'ô': "fr pt", 'û': "fr", 'œ': "fr", 'ò': "it",
	'ì': "it", 'ã': "pt", 'õ': "pt", 'ł': "pl", 'ą': "pl", 'ę': "pl", 'ś': "pl", 'ż': "pl", 'ź': "pl", 'ć': "pl", 'ř': "cs", 'ě': "cs", 'ů': "cs", 'č': "cs",
	'š': "cs", 'ž': "cs", 'ý': "cs", 'ы': "ru", 'э': "ru", 'ё': "ru", 'і': "uk", 'ї': "uk", 'є': "uk", 'ґ': "uk",
	'ğ': "tr", 'ş': "tr", 'ı': "tr",
}

// gather turns lists of words by language into languages by word.
func gather(lists map[string]string) map[string]string {
	sets := map[string]map[string]bool{}
	for lang, list := range lists {
		for w := range strings.FieldsSeq(list) {
			if sets[w] == nil {
				sets[w] = map[string]bool{}
			}
			sets[w][lang] = true
		}
	}
	all := make(map[string]string, len(sets))
	for w, set := range sets {
		for lang := range maps.Keys(set) {
			all[w] += lang + " "
		}
	}
	return all
}
