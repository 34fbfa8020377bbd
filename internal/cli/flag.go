package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// placeholders stand for the values of flags in the help, by the flag's name.
// Read-only.
var placeholders = map[string]string{
	"agents": "N", "aht": "TIME", "api-url": "URL", "aud": "NAME", "check": "CHECK", "claim": "NAME=VALUE", "closed": "FILE", "concurrency": "N",
	"config": "FILE", "csv": "FILE", "data": "FOLDER", "db-url": "URI", "email": "ADDRESS", "expires": "TIME", "framework": "NAME", "from": "TIME",
	"geo": "FILE", "head": "SEQ:HASH", "holidays": "COUNTRY", "horizon": "N", "host": "ADDRESS", "html": "FILE", "interval": "TIME", "key": "KEY",
	"limit": "N", "mail": "ADDRESS", "max-occupancy": "SHARE", "minutes": "N", "note": "TEXT", "object": "NAME", "only": "NAMES", "origins": "DAYS",
	"out": "FILE", "owner": "NAME", "password-file": "FILE", "patience": "TIME", "pdf": "FILE", "port": "PORT", "postgres-bin": "FOLDER",
	"reason": "TEXT", "request": "ID", "role": "ROLE", "rows": "N", "rule": "RULE", "seed": "N", "service-level": "SHARE/TIME", "set": "NAME=VALUE",
	"shrinkage": "SHARE", "sms": "NUMBER", "sub": "ID", "timeout": "TIME", "to": "TIME", "until": "TIME", "url": "URL", "user": "USER",
	"volume": "N", "what-if": "NAME=CHANGE",
}

// namePlaceholders makes the help of c, and of the commands below it, show a word of
// ours for each value, where pflag shows Go's type or a piece of the text that stands
// between backquotes.
func namePlaceholders(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		f.Usage = strings.ReplaceAll(f.Usage, "`", "'")
		if f.DefValue == "[]" || f.DefValue == "0s" { // nothing; pflag knows these by Go's types alone
			f.DefValue = ""
		}
		word, ok := placeholders[f.Name]
		if _, isChoice := f.Value.(*choice); ok && !isChoice && f.NoOptDefVal == "" {
			f.Value = named{f.Value, word}
		}
	})
	for _, sub := range c.Commands() {
		namePlaceholders(sub)
	}
}

// named is a flag's value under another word in the help.
type named struct {
	pflag.Value
	word string
}

func (n named) Type() string { return n.word }

// choice is a flag's value that must be one of a few words.
type choice struct {
	pflag.Value
	words []string
}

// choices lets the flag of c take these words alone, and a shell complete them.
func choices(c *cobra.Command, flag string, words ...string) {
	f := c.Flags().Lookup(flag)
	f.Value = &choice{f.Value, words}
	if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("BUG: flag " + flag + ": " + err.Error())
	}
}

// Type is the placeholder in the help.
func (v *choice) Type() string { return strings.Join(v.words, "|") }

func (v *choice) Set(text string) error {
	if slices.Contains(v.words, text) {
		return v.Value.Set(text)
	}
	return choiceError("want " + oneOf(v.words) + meant(text, v.words))
}

// choiceError is the whole message: the word that was given is not repeated.
type choiceError string

func (e choiceError) Error() string { return string(e) }

// explainFlag is err of parsing the flags of c, in our words.
func explainFlag(c *cobra.Command, err error) error {
	if wrong, ok := errors.AsType[choiceError](err); ok {
		if value, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
			return fmt.Errorf("--%s: %w", value.GetFlag().Name, wrong)
		}
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok && len(unknown.GetSpecifiedName()) > 1 {
		var names []string
		c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := nearest(unknown.GetSpecifiedName(), names); near != "" {
			return fmt.Errorf("%w; did you mean --%s?", err, near)
		}
	}
	return err
}

// oneOf lists words as a sentence does: text, env or json.
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// meant is a question about the word that was most likely meant; "" for none.
func meant(text string, words []string) string {
	if near := nearest(text, words); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// nearest is the word that text is most likely a misspelling of, or the beginning; "" for none.
func nearest(text string, words []string) string {
	text = strings.ToLower(text)
	best, distance := "", len(text)
	for _, word := range words {
		most := max(min(2, len(word)/2), len(word)/3) // two letters that changed places are two changes
		switch d := levenshtein.ComputeDistance(text, word); {
		case text != "" && strings.HasPrefix(word, text):
			return word
		case d <= most && d < distance:
			best, distance = word, d
		}
	}
	return best
}
