"""The words that the sandbox understands, beside those of the motifs: English, German, French.

Each table: what a word means -> the words of each language. ``a_b`` stands for the phrase "a b".
"""

from __future__ import annotations

Table = dict[str, tuple[str, str, str]]

HOURS: Table = {
    "night": (
        "night midnight moon moonlight moonlit star starry stars aurora lantern nocturne",
        "nacht mitternacht mond mondlicht mondschein sterne nächtlich polarlicht",
        "nuit minuit lune étoile étoiles étoilé étoilée nocturne",
    ),
    "candle": (
        "candlelight candle candles fireside lamplight",
        "kerzenlicht kerze kerzen kaminfeuer kerzenschein",
        "bougie bougies chandelle",
    ),
    "backlit": (
        "backlit backlight backlighting silhouette",
        "gegenlicht silhouette",
        "contrejour contre_jour",
    ),
    "golden": (
        "golden_hour goldenhour late_afternoon low_sun",
        "goldene_stunde abendlicht abendsonne",
        "heure_dorée",
    ),
    "twilight": (
        "twilight blue_hour dusk",
        "dämmerung blaue_stunde abenddämmerung",
        "crépuscule heure_bleue",
    ),
    "sunset": (
        "sunset evening ember lava volcano sundown",
        "sonnenuntergang abend abendrot",
        "coucher_de_soleil soir",
    ),
    "dawn": (
        "dawn sunrise morning daybreak",
        "morgen morgenlicht sonnenaufgang morgenrot",
        "aube aurore matin lever_de_soleil",
    ),
    "noon": (
        "noon midday sunny daylight bright tropical",
        "mittag mittags sonnig tageslicht",
        "midi ensoleillé",
    ),
}

WEATHERS: Table = {
    "rainbow": ("rainbow", "regenbogen", "arc_en_ciel"),
    "storm": (
        "storm stormy thunder lightning tempest thunderstorm hurricane",
        "sturm gewitter blitz unwetter stürmisch",
        "tempête orage orageux éclair",
    ),
    "rain": ("rain rainy raining downpour drizzle", "regen regnerisch regnet", "pluie pluvieux"),
    "snowfall": (
        "snowfall snowing blizzard snowstorm snowflake",
        "schneefall schneit schneesturm",
        "flocons",
    ),
    "fog": ("fog foggy mist misty haze hazy", "nebel neblig dunst", "brouillard brume brumeux"),
    "cloudy": ("cloudy overcast cloud clouds", "wolken bewölkt wolkig", "nuage nuages nuageux"),
}

SEASONS: Table = {
    "winter": (
        "winter snow snowy ice icy frost frosty arctic polar penguin christmas antarctic",
        "winter schnee verschneit eis frost weihnachten winterlich",
        "hiver neige enneigé glace givre noël",
    ),
    "autumn": (
        "autumn fall october november harvest pumpkin autumnal",
        "herbst herbstlich oktober ernte",
        "automne octobre récolte",
    ),
    "spring": (
        "spring blossom cherry sakura april easter blooming",
        "frühling blüte blüten kirschblüte ostern",
        "printemps fleuri cerisier pâques",
    ),
    "summer": ("summer summery holiday july", "sommer sommerlich urlaub", "été vacances juillet"),
}

#: In order of strength: of two places the one named first here wins.
PLACES: Table = {
    "abstract": (
        "abstract abstraction bauhaus geometric geometry composition kandinsky shapes cubist gradient circles",
        "abstrakt geometrisch formen kreise verlauf",
        "abstrait géométrique formes cercles",
    ),
    "pattern": (
        "pattern background texture wallpaper tile seamless ornament motif",
        "muster hintergrund textur tapete ornament nahtlos",
        "modèle fond texture papier_peint",
    ),
    "underwater": (
        "underwater coral reef submarine seabed diving diver",
        "unterwasser korallen riff taucher meeresgrund",
        "sous_marin corail récif plongée",
    ),
    "space": (
        "space galaxy planet cosmic nebula cosmos saturn orbit universe mars",
        "weltraum weltall galaxie planet kosmos",
        "espace galaxie planète cosmos univers",
    ),
    "street": (
        "street alley avenue road_in_town boulevard lane old_town oldtown cafe",
        "straße strasse gasse allee altstadt",
        "rue ruelle avenue boulevard",
    ),
    "city": (
        "city skyline skyscraper urban downtown tokyo manhattan metropolis cityscape berlin london "
        "new_york office rooftops",
        "stadt großstadt hochhaus skyline stadtbild",
        "ville gratte_ciel métropole",
    ),
    "room": (
        "room interior living_room bedroom library sofa armchair desk studio indoors window",
        "zimmer wohnzimmer innenraum bibliothek schreibtisch fenster",
        "chambre salon intérieur bibliothèque bureau fenêtre",
    ),
    "table": (
        "table breakfast kitchen food still_life picnic lunch dinner bowl plate",
        "tisch frühstück küche essen stillleben schale teller",
        "table petit_déjeuner cuisine nature_morte assiette",
    ),
    "lake": ("lake pond fjord reflection loch", "see bergsee teich weiher spiegelung", "lac étang reflet"),
    "river": (
        "river stream creek canal bridge waterfall",
        "fluss bach kanal brücke",
        "rivière fleuve ruisseau pont",
    ),
    "sea": (
        "sea ocean beach coast coastal wave waves island harbour harbor shore seaside bay cliff cliffs",
        "meer ozean strand küste welle wellen insel hafen nordsee ostsee klippe",
        "mer océan plage côte vague île port falaise",
    ),
    "mountains": (
        "mountain mountains alps peak alpine glacier volcano summit ridge everest",
        "berg berge gebirge alpen gipfel gletscher",
        "montagne montagnes alpes sommet glacier",
    ),
    "forest": (
        "forest wood woods woodland pine jungle taiga grove fir trunks birch",
        "wald kiefer tannen birke dschungel",
        "forêt bois sapin jungle",
    ),
    "desert": ("desert dune dunes sand sahara canyon", "wüste düne dünen sand", "désert dune dunes sable"),
    "garden": (
        "garden orchard park backyard",
        "garten park obstgarten",
        "jardin parc verger",
    ),
    "fields": (
        "field fields farmland wheat vineyard lavender crops countryside rapeseed",
        "feld felder acker weinberg lavendel",
        "champ champs blé vignoble lavande",
    ),
    "hills": (
        "hill hills meadow valley grass prairie tuscany landscape moor",
        "hügel wiese tal landschaft toskana",
        "colline collines prairie vallée paysage",
    ),
}

VIEWS: Table = {
    "close": (
        "closeup close_up close-up portrait macro headshot detail",
        "nahaufnahme porträt portrait makro",
        "gros_plan portrait macro",
    ),
    "aerial": (
        "aerial bird_s_eye birds_eye from_above drone top_down",
        "luftaufnahme luftbild vogelperspektive von_oben",
        "vue_aérienne vu_du_ciel",
    ),
}

STYLES: Table = {
    "lineart": (
        "line_art lineart line_drawing outline contour coloring_page single_line",
        "strichzeichnung linienzeichnung umriss ausmalbild",
        "dessin_au_trait",
    ),
    "ink": (
        "ink sketch drawing pencil etching engraving hatching charcoal pen_and_ink doodle",
        "tusche skizze zeichnung bleistift radierung federzeichnung bleistiftzeichnung",
        "encre croquis dessin crayon gravure",
    ),
    "linocut": (
        "linocut woodcut block_print lino",
        "linolschnitt holzschnitt",
        "linogravure gravure_sur_bois",
    ),
    "poster": (
        "poster art_deco artdeco screen_print screenprint retro vintage_poster pop_art flat vector",
        "plakat siebdruck jugendstil plakatkunst",
        "affiche sérigraphie art_déco",
    ),
    "watercolour": (
        "watercolour watercolor aquarelle gouache wash",
        "aquarell wasserfarben aquarellbild",
        "aquarelle lavis",
    ),
    "oil": (
        "oil oil_painting impasto impressionist impressionism brushstrokes van_gogh monet acrylic painting",
        "öl ölgemälde ölbild impressionistisch gemälde acryl",
        "huile peinture impressionniste",
    ),
    "isometric": ("isometric isometry diorama", "isometrisch isometrie", "isométrique"),
    "pixel": ("pixel pixelart pixel_art 8bit 8-bit 16-bit", "pixelkunst pixelgrafik", "pixel_art"),
    "papercut": (
        "papercut paper_cut paper_cutout papercraft origami cutout paper_art",
        "scherenschnitt papierschnitt",
        "papier_découpé",
    ),
    "glass": ("stained_glass stained_glass_window", "glasfenster kirchenfenster buntglas", "vitrail"),
    "mosaic": ("mosaic tiled", "mosaik", "mosaïque"),
    "blueprint": ("blueprint technical_drawing cyanotype", "bauplan blaupause", "cyanotype"),
    "minimal": ("minimalist minimal minimalism", "minimalistisch schlicht", "minimaliste"),
    "photo": (
        "photo photograph photography photorealistic cinematic film bokeh realistic dslr",
        "foto fotografie filmisch kinofilm fotorealistisch",
        "photographie cinématographique photoréaliste",
    ),
}

PALETTES: Table = {
    "mono": (
        "monochrome black_and_white grayscale noir",
        "schwarzweiß schwarz_weiß einfarbig",
        "noir_et_blanc",
    ),
    "sepia": ("sepia vintage antique", "sepia", "sépia"),
    "copper": ("copper bronze coppery rust", "kupfer kupfern bronze", "cuivre cuivré bronze"),
    "pastel": ("pastel pastels", "pastell pastellfarben pastelltöne", "pastel"),
    "neon": ("neon cyberpunk synthwave", "neonlicht", "néon"),
    "earth": ("earth_tones earthy earth ochre terracotta", "erdtöne erdfarben ocker", "terre ocre"),
    "vivid": ("vivid colourful colorful vibrant saturated", "bunt leuchtend farbenfroh", "vif coloré"),
    "muted": ("muted subdued desaturated faded", "gedämpft blass", "sourd pâle"),
    "warm": ("warm", "warm", "chaud"),
    "cool": ("cool cold", "kühl kalt", "froid"),
    "red": ("red crimson scarlet", "rot", "rouge"),
    "orange": ("orange", "orange", "orange"),
    "yellow": ("yellow", "gelb", "jaune"),
    "gold": ("gold golden", "gold golden", "doré or"),
    "green": ("green emerald", "grün smaragd", "vert verte"),
    "teal": ("teal turquoise aqua", "türkis petrol", "turquoise"),
    "blue": ("blue azure cobalt", "blau", "bleu"),
    "indigo": ("indigo navy", "indigo", "indigo"),
    "purple": ("purple violet lilac", "lila violett", "violet violette"),
    "pink": ("pink rose magenta", "rosa pink", "rose"),
    "brown": ("brown", "braun", "marron brun"),
    "silver": ("silver grey gray", "silber silbern grau", "argent gris"),
    "white": ("white", "weiß weiss", "blanc blanche"),
    "black": ("black", "schwarz", "noir noire"),
}


def index(table: Table) -> dict[str, str]:
    """word -> what it means, in every language; of two meanings the one that comes first."""
    found: dict[str, str] = {}
    for name, languages in table.items():
        for word in " ".join(languages).split():
            found.setdefault(word, name)
    return found
