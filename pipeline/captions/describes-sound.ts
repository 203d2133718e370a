const LANGUAGE = [
  'arabic|bengali|cantonese|catalan|chinese|croatian|czech|danish|dutch|english|farsi|finnish|french|gaelic|german|greek',
  'hebrew|hindi|hungarian|indonesian|irish|italian|japanese|korean|latin|mandarin|norwegian|persian|polish|portuguese',
  'punjabi|romanian|russian|serbian|spanish|swahili|swedish|tagalog|tamil|thai|turkish|ukrainian|urdu|vietnamese|welsh',
].join('|');

/** Sounds and manners that captions describe, as verbs in -s and -ing and as nouns; those of other languages as nouns alone. */
const SOUND = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:${[
    String.raw`music(?:al)?|song|jingle|tune|instrumental|beatbox(?:es|ing)?|(?:sing|hum|whistl|drumm)e?(?:s|ing)`,
    String.raw`applause|applauds?|applauding|clap(?:s|ping)|(?:cheer|boo|chant)(?:s|ing)|ovation|audience|crowd`,
    String.raw`laughter|(?:laugh|chuckl|giggl|snicker|scoff|snort|cackl)(?:e?s|ing)?`,
    String.raw`(?:sigh|gasp|groan|moan|grunt|cough|sneez|sniff|sniffl|sob|whimper|wail|scream|shriek|yell|shout|growl|snor)(?:e?s|ing)?`,
    String.raw`(?:whisper|mutter|mumbl|murmur|stammer|stutter|pant|yawn|gulp|burp|hiccup|exhal|inhal|breath|weep)(?:e?s|ing)`,
    String.raw`crying|cries|clears (?:his |her |their )?throat|clearing throat|tuts?|hisses|hissing`,
    String.raw`chatter(?:s|ing)?|crosstalk|cross-talk|overlapping|inaudible|indistinct|unintelligible|silence|long pause`,
    String.raw`static|feedback|(?:beep|buzz|ring|honk|click|tick|thud|crash|bang|slam|creak|rustl|splash|sizzl|rumbl)(?:e?s|ing)`,
    String.raw`(?:bark|meow|chirp|howl|roar|squeal|screech|knock|rattl|clatter|toll|chim|blar|patter)(?:e?s|ing)`,
    String.raw`siren|sirens|thunder|footsteps|gunshots?|gunfire|explosions?|ringtone|dial tone|horn|door (?:opens|closes)`,
    String.raw`(?:speaks|speaking|talks|talking) (?!(?:of|about|as|for|from|like)\b)\p{L}+|in (?:${LANGUAGE})|foreign language`,
    String.raw`off-?screen|off-?camera|on (?:tv|radio|phone)|over (?:radio|phone|speakers?|pa)|voice-?over|narrat(?:or|ing)`,
    String.raw`softly|quietly|loudly|sarcastically|angrily|sadly|nervously|excitedly|in unison|imitates|imitating`,
    String.raw`musik|applaus|beifall|gelächter|lacht|seufzt|musique|rires?|applaudissements|música|risas?|risos?|aplausos?`,
    String.raw`musica|applausi|risate|muziek|gelach`,
  ].join('|')})(?![\p{L}\p{N}])|^(?:笑い?声?|笑聲|拍手|音楽|音乐|音樂|歓声|掌声|掌聲)$`,
  'iu',
);
/** Words of sentences: who speaks for himself, in whispered words that BBC puts in brackets, for one, or says how something is. */
const SPEECH = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:${[
    String.raw`i|i['’]\w+|me|my|mine|you|you['’]\w+|your|yours|we|us|our|let['’]s|\w+n['’]t|please|thanks`,
    String.raw`is|was|are|were|be|been|has|had|have|does|did|will|would|can|could|should|that|this|these|those|it|it['’]s`,
    String.raw`what|which|who|why|how|such|so|very|too|not|never|but|because`,
  ].join('|')})(?![\p{L}\p{N}])|[?!]`,
  'iu',
);

const MOST_WORDS = 6;

/** True for what stands in round brackets to describe a sound or a manner: `applause`, `door slams`, `in French`. */
export function describesSound(text: string): boolean {
  const words = text.trim();
  return words.split(/\s+/).length <= MOST_WORDS && SOUND.test(words) && !SPEECH.test(words);
}
