import type { Random } from '../../models/random.ts';

/** Groups of words that speech recognisers take for each other: they sound the same, or nearly so when said fast. */
const ALIKE = `
a uh the|an and in|i'm am|are our or her|is his as it's its|at that it|of have a|on and own|to too two do|for four from
their there they're|they them the|then than them|these this is|your you're|who how|whose who's|what that but|with which
was is were|we're were where|will we'll well|when and in|can can't|could couldn't|did didn't|do don't|does doesn't
had have has|had hadn't|is isn't|was wasn't|won't want one|would wood|that that's|what what's|he she|him them in
accept except|affect effect|bare bear|be been being|bin been|better bitter|big pig|blew blue|board bored|brake break
buy by bye|close clothes|come some|coming something|dear deer|die dye|ever every|fair fare|fear hear|feel fill field
feeling filling|find fine|flour flower|full fool|fun fund|great grade grate|guess guest|hair hare|hard heart|hate ate eight
hear here|heard hurt|high hi|hole whole|hope home|hour our|knew new|know no now|last lost|later latter|leave live|less last
like light|lose loose|love loved|made maid|mail male|man men|meat meet|miss mess|might my|more war|night knight|not now
off of|pair pear|part art|past passed|peace piece|plain plane|play plays|poor pour|quiet quite|rain reign|read red
real really|right write|road rode|sad said|sail sale|saw so|say said|scene seen|sea see|sell cell|sent cent|sit set
sight site|sleep slip|son sun|stair stare|steal steel|story sorry|sure shore|tail tale tell|thank think|thanks thinks
thing think|though the|threw through|tide tied|time times|tired tire|very vary|wait weight|waist waste|walk work
way weigh|weak week|wear where|weather whether|went want|wish which|wonder under|word world|worse worst|year here|yes yet
`;

const HEARD_AS = heardAs();

function heardAs(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const group of ALIKE.trim().split(/[|\n]/)) {
    const words = group.split(' ');
    for (const word of words)
      found.set(word, new Set([...(found.get(word) ?? []), ...words.filter((other) => other !== word)]));
  }
  return new Map([...found].map(([word, others]) => [word, [...others]]));
}

/** A word as a recogniser may hear it, in the same letter case and between the same marks; as it is where none is known. */
export function misheard(random: Random, word: string): string {
  const [, before = '', said = '', after = ''] = /^(\P{L}*)([\p{L}'’]*\p{L})(\P{L}*)$/u.exec(word) ?? [];
  const others = HEARD_AS.get(said.replaceAll('’', "'").toLowerCase());
  if (others === undefined) return word;
  const heard = random.pick(others);
  if (said.length > 1 && said === said.toUpperCase()) return before + heard.toUpperCase() + after;
  const capital = said.charAt(0) !== said.charAt(0).toLowerCase();
  return before + (capital ? heard.charAt(0).toUpperCase() + heard.slice(1) : heard) + after;
}
