//! The words of the trade, and as much everyday English as reading a short prompt takes.

/// Determiners and other words that open a noun phrase.
pub(crate) const DETERMINERS: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "some", "another", "each", "every",
    "his", "her", "their", "its", "my", "our", "your", "one", "two", "three", "four", "five",
    "six", "seven", "eight", "nine", "ten", "several", "many", "few", "both", "no", "dozens",
    "hundreds", "thousands", "couple", "group", "crowd", "pair",
];

/// Possessives.
pub(crate) const POSSESSIVES: &[&str] = &["his", "her", "their", "its", "my", "our", "your"];

/// Personal pronouns that can be a subject.
pub(crate) const PRONOUNS: &[&str] = &["he", "she", "they", "it", "we", "i", "you", "who", "which"];

/// Prepositions.
pub(crate) const PREPOSITIONS: &[&str] = &[
    "in", "on", "at", "by", "near", "past", "through", "along", "across", "over", "under",
    "beside", "inside", "outside", "between", "among", "amid", "around", "toward", "towards",
    "into", "onto", "down", "up", "against", "before", "behind", "beneath", "below", "above",
    "within", "with", "without", "of", "from", "to", "for", "off", "after", "during", "until",
    "like", "about", "atop", "beyond", "next", "out", "underneath", "alongside", "upon", "via",
];

/// Prepositions after which a place stands, unless the noun says otherwise.
pub(crate) const PLACE_PREPOSITIONS: &[&str] = &[
    "in", "on", "at", "by", "near", "past", "through", "along", "across", "over", "under",
    "beside", "inside", "outside", "between", "among", "amid", "around", "toward", "towards",
    "into", "onto", "down", "up", "against", "before", "behind", "beneath", "below", "above",
    "within", "atop", "beyond", "underneath", "alongside", "upon", "from", "to", "out",
];

/// Prepositions of movement: what follows is a place whatever its noun.
pub(crate) const PATH_PREPOSITIONS: &[&str] = &[
    "past", "through", "along", "across", "down", "toward", "towards", "into", "up", "between",
    "among", "amid", "beyond",
];

/// Words that join or qualify and are neither nouns nor verbs.
pub(crate) const FUNCTION_WORDS: &[&str] = &[
    "and", "or", "but", "then", "while", "as", "when", "where", "because", "so", "if", "not",
    "don't", "doesn't", "never", "very", "too", "just", "only", "also", "still", "again", "all",
    "there", "here", "is", "are", "was", "were", "be", "been", "being", "has", "have", "had",
    "does", "do", "did", "will", "can", "that", "than", "it's", "him", "them", "us", "me",
    "himself", "herself", "itself", "themselves", "forward", "forwards", "backward",
    "backwards", "away", "back", "together", "alone", "home", "left", "right", "upward",
    "upwards", "downward", "downwards", "apart", "aside", "each", "other",
];

/// People, animals and beings, singular; the plural is found from it.
pub(crate) const BEINGS: &[&str] = &[
    "woman", "man", "girl", "boy", "child", "baby", "toddler", "teenager", "person", "lady",
    "gentleman", "guy", "kid", "couple", "mother", "father", "mom", "mum", "dad", "son",
    "daughter", "brother", "sister", "grandmother", "grandfather", "friend", "stranger",
    "dancer", "ballerina", "singer", "musician", "guitarist", "pianist", "violinist", "painter",
    "artist", "actor", "actress", "chef", "cook", "baker", "waiter", "waitress", "barista",
    "nurse", "doctor", "soldier", "knight", "king", "queen", "prince", "princess", "detective",
    "policeman", "officer", "firefighter", "astronaut", "pilot", "driver", "cyclist", "runner",
    "skater", "skateboarder", "surfer", "swimmer", "boxer", "fighter", "samurai", "ninja",
    "warrior", "wizard", "witch", "ghost", "robot", "android", "cyborg", "alien", "monster",
    "dragon", "angel", "vampire", "zombie", "pirate", "cowboy", "farmer", "fisherman", "sailor",
    "worker", "student", "teacher", "scientist", "vendor", "bride", "groom", "monk", "priest",
    "traveller", "traveler", "hiker", "climber", "photographer", "figure", "crowd", "family",
    "people", "dog", "puppy", "cat", "kitten", "horse", "bird", "fox", "wolf", "bear", "lion",
    "tiger", "elephant", "deer", "rabbit", "mouse", "fish", "whale", "dolphin", "shark",
    "owl", "crow", "raven", "eagle", "pigeon", "duck", "swan", "cow", "sheep", "goat", "pig",
    "chicken", "monkey", "snake", "frog", "turtle", "butterfly", "bee", "spider", "corgi",
    "panda", "character", "hero", "heroine", "creature", "courier", "busker", "commuter",
    "passenger", "shopkeeper", "fairy", "clown", "model", "athlete", "gymnast", "conductor",
];

/// Places, singular.
pub(crate) const PLACES: &[&str] = &[
    "street", "alley", "alleyway", "road", "highway", "bridge", "tunnel", "city", "town",
    "village", "market", "stall", "bazaar", "shop", "store", "supermarket", "mall", "cafe",
    "café", "bar", "pub", "diner", "restaurant", "kitchen", "bedroom", "bathroom", "room",
    "hallway", "corridor", "stairwell", "staircase", "office", "studio", "workshop", "garage",
    "warehouse", "factory", "library", "museum", "gallery", "church", "cathedral", "temple",
    "castle", "palace", "tower", "rooftop", "roof", "balcony", "window", "doorway", "porch",
    "garden", "park", "playground", "forest", "wood", "jungle", "meadow", "field", "farm",
    "desert", "dune", "beach", "shore", "coast", "ocean", "sea", "lake", "river", "pond",
    "waterfall", "mountain", "hill", "valley", "cliff", "cave", "island", "harbour", "harbor",
    "pier", "dock", "station", "platform", "subway", "metro", "train", "bus", "airport",
    "plane", "ship", "boat", "car", "spaceship", "cockpit", "stage", "theatre", "theater",
    "arena", "stadium", "gym", "ring", "court", "pool", "school", "classroom", "hospital",
    "prison", "cell", "attic", "basement", "house", "cabin", "cottage", "hut", "tent",
    "apartment", "flat", "hotel", "lobby", "elevator", "lift", "courtyard", "square", "plaza",
    "pavement", "sidewalk", "crosswalk", "crossing", "path", "trail", "track", "promenade",
    "boardwalk", "quay", "canal", "sky", "space", "planet", "moon", "mars", "earth",
    "landscape", "skyline", "neighbourhood", "neighborhood", "countryside", "vineyard",
    "orchard", "greenhouse", "barn", "stable", "swamp", "glacier", "tundra", "volcano",
    "ruins", "graveyard", "cemetery", "fairground", "carnival", "circus", "nightclub", "club",
    "laundromat", "salon", "bakery", "bookshop", "bookstore", "arcade", "casino", "lab",
    "laboratory", "hangar", "bunker", "trench", "battlefield", "table", "desk", "counter",
    "bench", "wall", "fence", "door", "gate", "sofa", "couch", "bed", "floor", "ground",
    "grass", "water", "wave", "rock", "tree", "leaves", "crowd", "traffic", "fountain",
    "lighthouse", "windmill", "steps", "stairs", "yard", "backyard", "driveway", "terrace",
    "veranda", "crossroads", "intersection", "parking", "lot", "clearing", "wasteland",
    "interior", "exterior", "background",
];

/// Things worn or carried: after "in", "with" or "wearing" they describe the subject.
pub(crate) const WORN: &[&str] = &[
    "coat", "jacket", "dress", "shirt", "t-shirt", "suit", "hat", "cap", "hood", "hoodie",
    "scarf", "gloves", "boots", "shoes", "sneakers", "trousers", "pants", "jeans", "skirt",
    "uniform", "robe", "kimono", "cloak", "cape", "armor", "armour", "helmet", "mask",
    "glasses", "sunglasses", "raincoat", "sweater", "jumper", "apron", "gown", "costume",
    "tuxedo", "veil", "crown", "backpack", "bag", "umbrella", "tie", "vest", "shorts", "dungarees",
    "overalls", "spacesuit", "tracksuit", "swimsuit", "pyjamas", "pajamas", "sari", "turban",
    "beard", "hair", "braids", "freckles", "tattoo", "tattoos", "white", "black", "red",
    "blue", "green", "yellow", "grey", "gray", "leather", "denim", "silk", "linen", "heels",
];

/// Nouns of manner and state: after a preposition they say how, not where.
pub(crate) const MANNER: &[&str] = &[
    "hand", "hands", "arm", "arms", "face", "eyes", "head", "shoulder", "shoulders", "knees",
    "foot", "feet", "silence", "slow", "motion", "circles", "circle", "unison", "pain", "joy",
    "fear", "anger", "surprise", "love", "thought", "pieces", "lap", "mouth", "lips", "back",
    "speed", "pace", "time", "moment", "camera", "frame", "lens", "left", "right", "other",
    "pan", "pot", "bowl", "cup", "glass", "mug", "box", "bottle", "basket", "plate", "string", "leash",
    "him", "them", "me", "us", "it", "her", "fingers", "chest", "ease", "care", "end",
];

/// Common adjectives that may open a noun phrase.
pub(crate) const ADJECTIVES: &[&str] = &[
    "old", "young", "elderly", "tall", "small", "little", "big", "large", "huge", "giant",
    "tiny", "lone", "lonely", "red", "blue", "green", "yellow", "black", "white", "grey",
    "gray", "brown", "orange", "purple", "pink", "golden", "silver", "dark", "bright", "pale",
    "empty", "crowded", "busy", "quiet", "narrow", "wide", "long", "short", "wet", "dry",
    "dusty", "muddy", "snowy", "rainy", "foggy", "misty", "sunny", "cloudy", "stormy", "windy",
    "abandoned", "ruined", "ancient", "modern", "futuristic", "medieval", "victorian", "neon",
    "wooden", "stone", "glass", "metal", "rusty", "broken", "beautiful", "pretty", "handsome",
    "happy", "sad", "tired", "angry", "calm", "wild", "fluffy", "curly", "bearded", "blonde",
    "hooded", "masked", "fresh", "hot", "cold", "warm", "cool", "slow", "gentle", "soft", "hard",
    "single", "solitary", "middle-aged", "grassy", "rocky", "sandy", "sunlit", "moonlit",
    "candlelit", "dim", "cosy", "cozy", "vast", "distant", "deep", "shallow", "steep", "tiled",
    "cobbled", "burning", "glowing", "flickering", "sleepy", "deserted", "bustling",
];

/// Adjectives that follow a linking verb or stand behind their noun.
pub(crate) const COLOURS: &[&str] = &[
    "red", "blue", "green", "yellow", "black", "white", "grey", "gray", "brown", "orange",
    "purple", "pink", "beige", "gold", "silver", "cream", "teal", "navy", "crimson", "scarlet",
    "turquoise", "violet", "olive", "maroon", "tan", "khaki",
];

/// Everyday words ending in -ing that are no participles.
pub(crate) const ING_NOUNS: &[&str] = &[
    "building", "evening", "morning", "ceiling", "painting", "king", "ring", "wedding", "string",
    "spring", "thing", "nothing", "something", "everything", "lighting", "wing", "clothing",
    "railing", "crossing", "setting", "clearing", "opening", "ending", "establishing",
    "tracking", "parking", "drawing", "during", "lightning", "swing", "sibling", "being",
    "landing", "awning", "skyscraping", "interesting", "exciting", "engraving", "railing",
];

/// Verbs by their base form, with what a pose clip would call them.
pub(crate) const VERBS: &[&str] = &[
    "walk", "stroll", "wander", "stride", "march", "pace", "saunter", "limp", "hike", "trudge",
    "tiptoe", "shuffle", "run", "sprint", "jog", "dash", "race", "chase", "rush", "flee",
    "gallop", "hurry", "stand", "wait", "pose", "linger", "pause", "stop", "sit", "perch",
    "wave", "raise", "lift", "turn", "spin", "twirl", "rotate", "bend", "bow", "lean", "stoop",
    "crouch", "kneel", "squat", "duck", "jump", "leap", "hop", "skip", "dance", "sway", "look",
    "gaze", "stare", "glance", "watch", "see", "peer", "smile", "laugh", "cry", "weep", "frown",
    "grin", "shout", "scream", "yell", "whisper", "speak", "talk", "say", "tell", "sing", "play",
    "strum", "read", "write", "draw", "paint", "cook", "stir", "chop", "cut", "slice", "pour",
    "drink", "sip", "eat", "bite", "chew", "open", "close", "shut", "push", "pull", "drag",
    "carry", "hold", "grab", "take", "pick", "drop", "throw", "toss", "catch", "kick", "hit",
    "punch", "fight", "wrestle", "box", "swing", "climb", "crawl", "roll", "slide", "slip",
    "fall", "tumble", "trip", "rise", "lie", "sleep", "wake", "rest", "breathe", "swim", "dive",
    "float", "sink", "fly", "soar", "glide", "hover", "land", "drive", "ride", "steer", "park",
    "cycle", "skate", "ski", "surf", "sail", "row", "travel", "move", "cross", "pass", "enter",
    "leave", "exit", "arrive", "approach", "follow", "lead", "come", "go", "return", "reach",
    "touch", "hug", "kiss", "embrace", "shake", "nod", "point", "gesture", "clap", "pet",
    "stroke", "feed", "wash", "clean", "sweep", "wipe", "brush", "comb", "dress", "wear", "put",
    "tie", "build", "fix", "repair", "work", "type", "search", "find", "hide", "meet", "greet",
    "gather", "celebrate", "burn", "glow", "shine", "flicker", "sparkle", "explode", "collapse",
    "crash", "break", "shatter", "melt", "freeze", "flow", "drip", "splash", "rain", "snow",
    "blow", "drift", "swirl", "spill", "bloom", "grow", "spread", "cover", "fill", "surround",
    "emerge", "appear", "disappear", "vanish", "fade", "transform", "change", "become", "wag",
    "bark", "meow", "howl", "roar", "sniff", "lick", "graze", "hunt", "hang", "light", "smoke",
    "make", "let", "help", "show", "give", "pedal", "paddle", "juggle", "perform", "practise",
    "practice", "train", "listen", "think", "dream", "pray", "study", "examine", "inspect",
    "toast", "serve", "knead", "bake", "plant", "water", "dig", "stretch", "yawn", "sneeze",
    "sweat", "shiver", "tremble", "stagger", "stumble", "sprawl", "recline", "settle", "circle",
    "orbit", "descend", "ascend", "flap", "chirp", "trot", "prowl", "pounce", "curl", "unfold",
    "fold", "wrap", "hand", "offer", "try", "begin", "start", "keep", "continue", "finish",
    "zoom", "pan", "tilt", "track", "dolly", "truck", "crane", "weave", "step", "face", "argue",
    "hurtle", "loom", "billow", "crackle", "ripple", "reflect", "stream", "pile", "tower", "bustle",
    "sharpen", "polish", "aim", "shoot", "draw", "swallow", "blink", "wink", "shrug", "tap",
    "drum", "whistle", "hum", "chat", "browse", "shop", "haggle", "sell", "buy", "call", "lock",
    "unlock", "knock", "load", "unload", "stack", "sort", "hop", "bounce", "dribble", "score",
    "order", "mend", "rehearse", "hug", "cross", "explore", "wander", "collect", "skateboard", "deliver", "sketch", "photograph", "film", "record", "scroll",
    "text", "dial", "shave", "braid", "sew", "knit", "weld", "hammer", "forge", "sneak", "creep",
    "flutter", "cascade", "gleam", "shimmer", "rumble", "rattle", "whirl", "speed", "roast", "fry",
    "boil", "simmer", "squeeze", "peel", "mix", "cheer", "applaud", "salute", "propose", "signal",
    "discover", "notice", "remember", "wonder", "remove", "place", "set", "arrange", "assemble",
    "scatter", "rake", "harvest", "sprinkle", "adjust", "check", "press", "twist", "rotate", "tug",
    "lower", "slam", "crouch", "duck", "dodge", "block", "strike", "land", "perch", "nestle", "snuggle",
    "purr", "yelp", "rustle", "tremble", "bubble", "erupt", "bloom", "wilt", "sprout", "drizzle",
    "lunge", "parry", "charge", "retreat", "attack", "defend", "guard", "patrol",
];

/// Words that are nouns far more often than verbs; before a preposition they are nouns.
pub(crate) const NOUN_FIRST: &[&str] = &[
    "lights", "leaves", "faces", "hands", "rocks", "shadows", "clouds", "steps", "waters",
    "plants", "trains", "trucks", "cranes", "boxes", "rings", "bows", "shops", "parks", "towers",
    "streams", "tracks", "ducks", "waves", "lies", "lands", "smokes", "snows", "rains", "looks",
    "bikes", "drums", "locks", "stacks", "cuts", "ties", "pans", "pets", "brushes", "dresses",
    "drinks", "shots", "stalls", "shoots", "works", "plays", "hits", "lots", "shows", "hums",
    "trips", "drops", "drives", "rows", "piles", "bites", "slices", "chops", "calls", "points",
    "light", "hand", "face", "train", "truck", "water", "snow", "rain", "smoke", "plant",
    "shop", "park", "track", "tower", "box", "land", "stream", "rock", "dress", "step", "box",
    "work", "drum", "lock", "guard", "guards", "pet", "duck", "row", "crane", "pan", "cook",
    "cooks", "train", "charge", "score", "scores", "circle", "circles", "pile",
];

/// Base, third person, -ing and past of verbs that do not follow the rules.
pub(crate) const IRREGULAR: &[(&str, &str, &str, &str)] = &[
    ("run", "runs", "running", "ran"),
    ("stand", "stands", "standing", "stood"),
    ("sit", "sits", "sitting", "sat"),
    ("spin", "spins", "spinning", "spun"),
    ("bend", "bends", "bending", "bent"),
    ("kneel", "kneels", "kneeling", "knelt"),
    ("leap", "leaps", "leaping", "leapt"),
    ("see", "sees", "seeing", "saw"),
    ("weep", "weeps", "weeping", "wept"),
    ("speak", "speaks", "speaking", "spoke"),
    ("say", "says", "saying", "said"),
    ("tell", "tells", "telling", "told"),
    ("sing", "sings", "singing", "sang"),
    ("write", "writes", "writing", "wrote"),
    ("draw", "draws", "drawing", "drew"),
    ("cut", "cuts", "cutting", "cut"),
    ("drink", "drinks", "drinking", "drank"),
    ("eat", "eats", "eating", "ate"),
    ("bite", "bites", "biting", "bit"),
    ("shut", "shuts", "shutting", "shut"),
    ("hold", "holds", "holding", "held"),
    ("take", "takes", "taking", "took"),
    ("throw", "throws", "throwing", "threw"),
    ("catch", "catches", "catching", "caught"),
    ("hit", "hits", "hitting", "hit"),
    ("fight", "fights", "fighting", "fought"),
    ("swing", "swings", "swinging", "swung"),
    ("slide", "slides", "sliding", "slid"),
    ("fall", "falls", "falling", "fell"),
    ("rise", "rises", "rising", "rose"),
    ("lie", "lies", "lying", "lay"),
    ("tie", "ties", "tying", "tied"),
    ("sleep", "sleeps", "sleeping", "slept"),
    ("wake", "wakes", "waking", "woke"),
    ("swim", "swims", "swimming", "swam"),
    ("sink", "sinks", "sinking", "sank"),
    ("fly", "flies", "flying", "flew"),
    ("drive", "drives", "driving", "drove"),
    ("ride", "rides", "riding", "rode"),
    ("leave", "leaves", "leaving", "left"),
    ("lead", "leads", "leading", "led"),
    ("come", "comes", "coming", "came"),
    ("go", "goes", "going", "went"),
    ("shake", "shakes", "shaking", "shook"),
    ("feed", "feeds", "feeding", "fed"),
    ("sweep", "sweeps", "sweeping", "swept"),
    ("wear", "wears", "wearing", "wore"),
    ("put", "puts", "putting", "put"),
    ("build", "builds", "building", "built"),
    ("find", "finds", "finding", "found"),
    ("hide", "hides", "hiding", "hid"),
    ("meet", "meets", "meeting", "met"),
    ("shine", "shines", "shining", "shone"),
    ("break", "breaks", "breaking", "broke"),
    ("freeze", "freezes", "freezing", "froze"),
    ("blow", "blows", "blowing", "blew"),
    ("grow", "grows", "growing", "grew"),
    ("spread", "spreads", "spreading", "spread"),
    ("become", "becomes", "becoming", "became"),
    ("hang", "hangs", "hanging", "hung"),
    ("make", "makes", "making", "made"),
    ("let", "lets", "letting", "let"),
    ("show", "shows", "showing", "showed"),
    ("give", "gives", "giving", "gave"),
    ("think", "thinks", "thinking", "thought"),
    ("dig", "digs", "digging", "dug"),
    ("begin", "begins", "beginning", "began"),
    ("keep", "keeps", "keeping", "kept"),
    ("weave", "weaves", "weaving", "wove"),
    ("shoot", "shoots", "shooting", "shot"),
    ("sell", "sells", "selling", "sold"),
    ("buy", "buys", "buying", "bought"),
    ("read", "reads", "reading", "read"),
    ("travel", "travels", "travelling", "travelled"),
    ("wag", "wags", "wagging", "wagged"),
    ("open", "opens", "opening", "opened"),
    ("follow", "follows", "following", "followed"),
    ("enter", "enters", "entering", "entered"),
    ("offer", "offers", "offering", "offered"),
    ("listen", "listens", "listening", "listened"),
    ("ski", "skis", "skiing", "skied"),
    ("dive", "dives", "diving", "dived"),
    ("sprawl", "sprawls", "sprawling", "sprawled"),
];

/// Base forms whose last consonant doubles before -ing and -ed.
pub(crate) const DOUBLING: &[&str] = &[
    "jog", "stop", "hop", "skip", "hug", "grab", "drag", "drop", "chop", "stir", "sip", "nod",
    "clap", "pet", "trip", "slip", "drip", "pat", "flap", "trot", "hum", "chat", "shop", "tap",
    "drum", "wrap", "pan", "step", "squat", "spin", "swim", "grin", "shrug",
];

/// Hours and times of day, with the light they suggest.
pub(crate) const TIMES: &[&str] = &[
    "dusk", "dawn", "sunrise", "sunset", "night", "midnight", "noon", "midday", "morning",
    "afternoon", "evening", "twilight", "nightfall", "daybreak", "daytime", "golden hour",
    "blue hour", "magic hour", "first light", "daylight", "nighttime",
];

/// Weather and season.
pub(crate) const WEATHER: &[&str] = &[
    "rain", "drizzle", "downpour", "snow", "snowfall", "blizzard", "fog", "mist", "haze", "storm",
    "thunderstorm", "wind", "hail", "sandstorm", "sunshine", "overcast", "sleet", "heatwave",
    "summer", "winter", "autumn", "spring", "fall", "raining", "snowing",
];

/// How a picture is framed.
pub(crate) const FRAMINGS: &[&str] = &[
    "extreme close-up", "extreme close up", "extreme closeup", "medium close-up",
    "medium close up", "medium closeup", "close-up", "close up", "closeup", "close-up shot",
    "close shot", "medium shot", "mid shot", "medium wide shot", "medium long shot",
    "cowboy shot", "american shot", "full shot", "full body shot", "full-body shot", "wide shot",
    "wide-angle shot", "wide angle shot", "long shot", "extreme wide shot", "extreme long shot",
    "establishing shot", "two-shot", "two shot", "over-the-shoulder shot", "over-the-shoulder",
    "over the shoulder shot", "over the shoulder", "pov", "pov shot", "point of view shot",
    "first-person view", "first person view", "insert shot", "macro shot", "head and shoulders", "single take", "one take",
    "long take",
];

/// Where the camera stands.
pub(crate) const ANGLES: &[&str] = &[
    "low angle", "low-angle", "low angle shot", "low-angle shot", "high angle", "high-angle",
    "high angle shot", "high-angle shot", "eye level", "eye-level", "bird's-eye view",
    "bird's eye view", "birds-eye view", "overhead", "overhead shot", "top-down", "top down",
    "top-down shot", "top shot", "dutch angle", "dutch tilt", "canted angle", "worm's-eye view",
    "worm's eye view", "ground level", "aerial", "aerial shot", "aerial view", "drone shot",
    "drone footage", "drone view", "side view", "profile shot", "from above", "from below",
    "from behind", "isometric",
];

/// Lenses and focus.
pub(crate) const LENSES: &[&str] = &[
    "anamorphic", "anamorphic lens", "telephoto", "telephoto lens", "wide-angle lens",
    "wide angle lens", "wide-angle", "fisheye", "fisheye lens", "fish-eye", "macro lens", "macro",
    "long lens", "prime lens", "tilt-shift", "shallow depth of field", "shallow focus",
    "deep focus", "deep depth of field", "rack focus", "focus pull", "soft focus", "bokeh",
    "lens flare", "lens flares", "split diopter", "vintage lens", "shallow dof",
];

/// Time in the picture.
pub(crate) const SPEEDS: &[&str] = &[
    "slow motion", "slow-motion", "slow-mo", "slowmo", "time-lapse", "timelapse", "time lapse",
    "hyperlapse", "fast motion", "real time", "freeze frame", "bullet time", "reverse motion",
];

/// The medium.
pub(crate) const MEDIA: &[&str] = &[
    "live action", "live-action", "animation", "animated", "anime", "stop motion", "stop-motion",
    "claymation", "cartoon", "3d render", "3d animation", "cgi", "2d animation", "cel animation",
    "cel-shaded", "watercolour", "watercolor", "oil painting", "pencil sketch", "charcoal drawing",
    "pixel art", "low poly", "low-poly", "paper cut-out", "papercut", "comic book", "manga",
    "documentary", "documentary style", "found footage", "photorealistic", "photo-realistic",
    "realistic", "hyperrealistic", "naturalistic", "16mm", "16 mm", "16mm film", "16 mm film",
    "35mm film", "35 mm film", "35mm", "35 mm", "8mm", "8mm film", "super 8", "super-8", "70mm", "imax",
    "vhs", "film grain", "grainy", "kodak", "kodachrome", "polaroid", "celluloid", "music video",
    "commercial", "home video", "newsreel", "cctv", "cinematic", "pixar style", "ghibli style",
    "studio ghibli", "ukiyo-e", "impressionist", "surrealist", "art deco", "minimalist", "brutalist",
    "hand-drawn", "rotoscoped", "puppet", "miniature",
];

/// Light.
pub(crate) const LIGHTS: &[&str] = &[
    "backlit", "back-lit", "backlight", "backlighting", "rim light", "rim lighting", "low key",
    "low-key", "high key", "high-key", "soft light", "soft lighting", "hard light",
    "hard lighting", "harsh light", "candlelight", "candlelit", "moonlight", "moonlit",
    "firelight", "neon light", "neon lights", "neon lighting", "golden light", "warm light",
    "warm lighting", "cold light", "cool light", "natural light", "natural lighting", "sunlight",
    "sunlit", "silhouette", "silhouetted", "volumetric light", "volumetric lighting", "god rays",
    "chiaroscuro", "dim light", "dimly lit", "dappled light", "studio lighting", "practical lights",
    "dramatic lighting", "moody lighting", "low light", "diffused light", "side light",
    "side lighting", "top light", "overhead light", "fluorescent light", "fluorescent lighting",
    "streetlight", "lamplight", "rembrandt lighting", "warm glow", "blue light", "red light",
    "harsh sunlight", "warm sunlight", "soft sunlight", "morning light", "evening light",
];

/// Colour.
pub(crate) const COLOUR_TERMS: &[&str] = &[
    "black and white", "black-and-white", "monochrome", "sepia", "desaturated", "muted",
    "muted colours", "muted colors", "muted palette", "pastel", "pastel colours",
    "pastel colors", "vibrant", "vibrant colours", "vibrant colors", "saturated", "saturated colours",
    "saturated colors", "teal and orange", "warm tones", "cool tones", "earth tones", "earthy tones",
    "warm colours", "warm colors", "cool colours", "cool colors", "bleach bypass", "technicolor",
    "high contrast", "low contrast", "colour grade", "color grade", "warm palette", "cool palette",
    "cold palette", "washed-out", "faded colours", "faded colors", "warm colour palette",
    "warm color palette",
];

/// Genre and mood.
pub(crate) const MOODS: &[&str] = &[
    "noir", "film noir", "neo-noir", "horror", "sci-fi", "science fiction", "cyberpunk", "steampunk",
    "western", "fantasy", "thriller", "romance", "comedy", "war film", "retro", "vintage",
    "1920s", "1930s", "1940s", "1950s", "1960s", "1970s", "1980s", "1990s", "80s", "90s", "70s",
    "60s", "moody", "dreamy", "dreamlike", "melancholic", "melancholy", "tense", "eerie", "cosy mood",
    "ominous", "nostalgic", "surreal", "whimsical", "epic", "gritty", "intimate", "serene", "peaceful",
    "mysterious", "romantic", "playful", "somber", "sombre", "hopeful", "gothic", "dystopian",
    "post-apocalyptic", "vaporwave", "psychedelic", "ethereal", "atmospheric", "dramatic",
];

/// How the camera is held.
pub(crate) const HANDHELD: &[&str] = &[
    "handheld", "hand-held", "hand held", "handheld camera", "hand-held camera", "handheld shot",
    "shaky", "shaky camera", "shaky cam", "camera shake", "shakycam", "handheld style",
];

/// How the camera is steadied.
pub(crate) const STEADY: &[&str] = &[
    "steadicam", "gimbal", "steady", "smooth", "stabilised", "stabilized", "steady camera",
    "smooth camera", "steadicam shot", "gimbal shot", "smooth camera movement",
];

/// The camera does not move.
pub(crate) const STATIC: &[&str] = &[
    "static", "static shot", "static camera", "locked-off", "locked off", "locked-off shot",
    "locked camera", "fixed camera", "fixed shot", "still camera", "stationary camera", "tripod",
    "tripod shot", "on a tripod", "static frame", "camera is static", "camera remains static",
    "camera stays still", "camera is still", "camera remains still", "camera holds still",
    "camera does not move", "camera doesn't move", "camera is locked off", "camera stays fixed",
    "camera remains fixed", "camera is fixed", "motionless camera", "no camera movement",
    "no camera motion", "no camera move", "without camera movement", "camera stays static",
    "camera stands still", "camera stays put", "unmoving camera", "locked-off camera", "static wide shot", "camera holds",
    "locked-off medium shot",
];

/// Words that name no person though they stand where a name does: file names.
pub(crate) const FILE_WORDS: &[&str] = &[
    "ref", "reference", "img", "image", "picture", "pic", "photo", "dsc", "dscn", "dscf", "screenshot",
    "screen", "untitled", "identity", "id", "subject", "frame", "final", "copy", "sample", "test", "input",
    "output", "file", "new", "export", "render", "depth", "pose", "camera", "path", "clip", "video", "mov",
    "mask", "style", "sketch", "first", "last", "still", "crop", "cropped", "download", "result", "tmp",
    "temp", "version", "ver", "src", "source", "scan", "whatsapp", "snapshot", "shot", "take", "asset",
    "default", "openpose", "dwpose", "keypoints", "skeleton", "walk", "cycle", "front", "back", "side",
    "portrait", "face", "headshot",
];

/// Frequent words of other languages in Latin script, none of them English.
pub(crate) const FOREIGN: &[&str] = &[
    "der", "und", "ein", "eine", "einer", "einem", "einen", "mit", "auf", "durch", "über", "das",
    "ist", "geht", "im", "zum", "zur", "nicht", "une", "un", "le", "les", "des", "dans", "sur", "avec",
    "et", "est", "du", "qui", "pluie", "rue", "el", "los", "las", "una", "uno", "con", "por", "para",
    "que", "en", "del", "su", "al", "il", "lo", "gli", "nel", "nella", "della", "di", "che", "sotto",
    "per", "sulla", "uma", "um", "com", "na", "da", "dos", "ao", "een", "het", "op", "met", "van", "och",
    "med", "på", "och", "som", "i", "w", "na", "się", "przez", "ve", "bir", "la", "de", "og", "til",
];

/// Words that ask for a change.
pub(crate) const EDIT_ADD: &[&str] = &["add", "insert", "include", "place", "introduce"];
/// Words that ask for a change.
pub(crate) const EDIT_MODIFY: &[&str] = &[
    "change", "make", "replace", "turn", "modify", "edit", "swap", "recolor", "recolour", "transform",
    "restyle", "relight", "convert", "adjust", "keep",
];
/// Words that ask for something to go.
pub(crate) const EDIT_REMOVE: &[&str] = &["remove", "delete", "erase", "drop", "cut", "hide"];

/// Places whose names often open a prompt.
pub(crate) const CITIES: &[&str] = &[
    "tokyo", "kyoto", "osaka", "paris", "london", "york", "berlin", "vienna", "venice", "rome",
    "milan", "naples", "mumbai", "delhi", "shanghai", "beijing", "seoul", "moscow", "cairo",
    "istanbul", "havana", "lisbon", "madrid", "barcelona", "chicago", "hollywood", "brooklyn",
    "manhattan", "amsterdam", "prague", "athens", "dublin", "sydney", "bangkok", "lagos",
    "nairobi", "marrakesh", "japan", "china", "india", "italy", "france", "spain", "iceland",
    "norway", "scotland", "mexico", "brazil", "peru", "africa", "america", "europe", "asia",
    "paris's",
];
