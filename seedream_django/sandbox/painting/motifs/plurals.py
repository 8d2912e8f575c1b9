"""Plurals of subjects' words that no "s" tells: German ones, and what English and French make another way.

A dative is told by its nominative: "mit Hunden". Left out is what is several by itself (Leute, Gänse, Früchte), what
looks like its singular (Adler), and what is more often another word (Drachen, Weine, Jungen).
"""

from __future__ import annotations

_ENGLISH = """
    wolves bunnies mice puppies ponies calves cattle oxen butterflies men women ladies children loaves poppies daisies
    lilies peonies cacti fungi factories snowmen old_men elderly_men old_women elderly_women
"""
_GERMAN = """
    füchse wölfe hirsche rehe rentiere elche bären braunbären eisbären pandabären löwen elefanten giraffen kamele
    hasen osterhasen frösche kröten leoparden affen mäuse ratten einhörner hunde welpen katzen pferde kühe rinder
    stiere kälber schafe lämmer schweine hühner hennen hähne eulen vögel spatzen amseln papageien meisen enten schwäne
    pinguine störche falken bussarde schmetterlinge bienen hummeln wespen wale blauwale delfine delphine haie fische
    goldfische lachse forellen schildkröten meeresschildkröten landschildkröten riesenschildkröten tintenfische
    quallen krabben schnecken
    häuser hütten scheunen schlösser burgen festungen leuchttürme windmühlen mühlen kirchen kapellen kathedralen
    brücken viadukte hochhäuser pagoden schreine zelte flammen geschäfte bäckereien windräder fabriken kraftwerke
    krane autos busse straßenbahnen züge eisenbahnen lokomotiven flugzeuge fahrräder traktoren boote segelboote
    ruderboote segelschiffe schiffe yachten jollen fähren ballone heißluftballone raketen raumschiffe satelliten
    personen männer herren frauen damen alte_männer kinder paare bauern astronauten
    tassen teekannen kannen äpfel torten brote flaschen kürbisse bäume eichen linden fichten palmen kokospalmen kakteen
    blumen tulpen rosen lilien sonnenblumen pilze fliegenpilze pflanzen zimmerpflanzen topfpflanzen bücher gitarren
    geigen klaviere uhren laternen stühle lampen tischlampen schreibtische regenschirme schirme sonnenschirme
    glühbirnen teleskope fernrohre geschenke telefone mikrofone sanduhren schneemänner planeten pokale
"""
_FRENCH = "chameaux chevaux oiseaux hiboux bateaux châteaux gâteaux cadeaux"

PLURALS = frozenset(f"{_ENGLISH} {_GERMAN} {_FRENCH}".split())

#: Singulars, as a prompt is read, that look like their plural behind an article: "einen Löwen" is one.
WEAK = {
    "affe", "astronaut", "bauer", "braunbär", "bären", "eisbär", "elefant", "falke", "hase", "leopard", "löwe",
    "osterhase", "pandabär", "planeten", "satelliten", "spatz", "welpe",
}  # fmt: skip
