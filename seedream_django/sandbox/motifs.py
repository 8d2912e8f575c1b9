"""What can stand in a scene, and the words that name it in English, German and French."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import (
    birds,
    buildings,
    critters,
    fables,
    flora,
    food,
    landmarks,
    pastimes,
    people,
    portraits,
    sea,
    tame,
    things,
    vehicles,
    wild,
)
from .pen import Pen


@dataclass(frozen=True)
class Motif:
    """One subject. ``where`` it stands is ``ground``, ``water``, ``sky`` or ``table``.

    ``size`` is a share of the picture's shorter side. ``place`` suits the subject when the prompt names none, ""
    is anywhere. ``alone`` is what fills the picture by itself.
    """

    name: str
    where: str
    size: float
    shape: Callable[[Pen], None]
    place: str = ""
    alone: bool = False


#: Each with its words: English; German and French. ``a_b`` is the phrase "a b". A plural is here only where no
#: ending makes it; a word of one language that means something common in another is left out (Kind, pain, Boot).
# fmt: off
_ALL = (
    # Wild animals
    (Motif("fox", "ground", 0.5, wild.fox, "forest"), "fox vixen", "fuchs füchse füchsin renard"),
    (Motif("wolf", "ground", 0.5, wild.wolf, "forest"), "wolf wolves husky coyote jackal", "wölfe loup"),
    (Motif("deer", "ground", 0.56, wild.deer, "forest"), "deer stag elk reindeer moose fawn doe antelope",
     "hirsch reh rentier elch cerf biche chevreuil renne"),
    (Motif("bear", "ground", 0.52, wild.bear, "forest"), "bear grizzly", "bär bären braunbär eisbär ourson"),
    (Motif("lion", "ground", 0.52, wild.lion, "hills"), "lion lioness", "löwe löwin lionne"),
    (Motif("elephant", "ground", 0.6, wild.elephant, "hills"), "elephant mammoth", "elefant éléphant"),
    (Motif("giraffe", "ground", 0.66, wild.giraffe, "hills"), "giraffe", "girafe"),
    (Motif("camel", "ground", 0.54, wild.camel, "desert"),
     "camel dromedary caravan", "kamel kamele chameau chameaux"),
    (Motif("rabbit", "ground", 0.42, critters.rabbit, "hills"), "rabbit hare bunny bunnies",
     "hase kaninchen osterhase lapin lièvre"),
    (Motif("squirrel", "ground", 0.42, critters.squirrel, "forest"),
     "squirrel chipmunk", "eichhörnchen écureuil"),
    (Motif("hedgehog", "ground", 0.38, critters.hedgehog, "garden"), "hedgehog porcupine", "igel hérisson"),
    (Motif("frog", "ground", 0.36, critters.frog, "lake"),
     "frog toad", "frosch frösche kröte grenouille crapaud"),
    (Motif("tiger", "ground", 0.52, wild.tiger, "forest"),
     "tiger tigress leopard cheetah jaguar", "tigerin tigre léopard"),
    (Motif("panda", "ground", 0.48, wild.panda, "forest"), "panda", "pandabär"),
    (Motif("monkey", "ground", 0.48, wild.monkey, "forest"),
     "monkey ape chimpanzee gorilla orangutan", "affe singe gorille"),
    (Motif("mouse", "ground", 0.36, critters.mouse, "fields"),
     "mouse mice rat hamster", "maus mäuse ratte souris"),
    (Motif("dragon", "ground", 0.56, fables.dragon, "mountains"), "dragon dinosaur", "dinosaurier dinosaure"),
    (Motif("unicorn", "ground", 0.56, fables.unicorn, "forest"), "unicorn", "einhorn einhörner licorne"),
    # Tame ones
    (Motif("dog", "ground", 0.48, tame.dog), "dog puppy puppies hound terrier labrador dachshund",
     "hund welpe dackel chien chienne chiot"),
    (Motif("cat", "ground", 0.46, tame.cat),
     "cat kitten kitty tabby", "katze kater kätzchen chat chatte chaton"),
    (Motif("horse", "ground", 0.56, tame.horse, "hills"), "horse pony ponies stallion mare foal donkey",
     "pferd pferde fohlen esel cheval chevaux jument poulain âne"),
    (Motif("cow", "ground", 0.52, tame.cow, "fields"), "cow bull calf calves cattle ox oxen",
     "kuh kühe rind stier kalb kälber vache taureau veau"),
    (Motif("sheep", "ground", 0.46, tame.sheep, "hills"),
     "sheep lamb ram ewe", "schaf lamm lämmer mouton brebis agneau"),
    (Motif("pig", "ground", 0.46, tame.pig, "fields"),
     "pig piglet hog swine boar", "schwein ferkel cochon porc"),
    (Motif("hen", "ground", 0.42, tame.hen, "fields"), "hen chicken rooster cockerel",
     "huhn hühner henne hahn hähne poule coq poulet"),
    # Birds, and what else flies
    (Motif("owl", "ground", 0.46, birds.owl, "forest"), "owl", "eule uhu kauz hibou hiboux chouette"),
    (Motif("bird", "ground", 0.42, birds.songbird, "garden"),
     "bird robin kingfisher finch parrot sparrow nightingale blackbird hummingbird canary wren",
     "vogel vögel spatz amsel rotkehlchen papagei meise oiseau oiseaux moineau merle perroquet"),
    (Motif("duck", "water", 0.36, birds.duck, "lake"),
     "duck mallard duckling", "ente entlein canard caneton"),
    (Motif("swan", "water", 0.44, birds.swan, "lake"), "swan cygnet", "schwan schwäne cygne"),
    (Motif("penguin", "ground", 0.46, birds.penguin, "sea"),
     "penguin puffin", "pinguin pinguine manchot pingouin"),
    (Motif("flamingo", "ground", 0.52, birds.flamingo, "lake"), "flamingo heron stork ibis",
     "storch störche reiher flamant cigogne héron"),
    (Motif("eagle", "sky", 0.46, birds.eagle, "mountains"),
     "eagle hawk falcon kite_bird condor vulture buzzard osprey",
     "adler falke bussard aigle faucon"),
    (Motif("flock", "sky", 0.5, birds.flock), "goose geese gull seagull swallow crane flock migration",
     "gans gänse möwe schwalbe kranich vogelschwarm oie mouette hirondelle grue"),
    (Motif("butterfly", "sky", 0.4, birds.butterfly, "garden"), "butterfly butterflies moth",
     "schmetterling schmetterlinge falter papillon"),
    (Motif("bee", "sky", 0.34, birds.bee, "garden"), "bee bumblebee honeybee wasp beehive honey",
     "biene hummel wespe honig abeille bourdon guêpe miel"),
    # In the water
    (Motif("whale", "water", 0.58, sea.whale, "sea"), "whale orca narwhal", "wal wale blauwal baleine orque"),
    (Motif("dolphin", "water", 0.46, sea.dolphin, "sea"),
     "dolphin porpoise shark", "delfin delphin hai dauphin requin"),
    (Motif("fish", "water", 0.42, sea.fish, "underwater"), "fish goldfish koi salmon trout clownfish",
     "fisch fische goldfisch lachs forelle poisson saumon truite"),
    (Motif("turtle", "ground", 0.4, sea.turtle, "sea"), "turtle tortoise", "schildkröte tortue"),
    (Motif("octopus", "water", 0.46, sea.octopus, "underwater"), "octopus squid kraken jellyfish",
     "oktopus krake tintenfisch qualle pieuvre poulpe méduse"),
    (Motif("crab", "ground", 0.38, sea.crab, "sea"), "crab lobster", "krabbe hummer krebs crabe homard"),
    (Motif("snail", "ground", 0.36, sea.snail, "garden"), "snail", "schnecke escargot"),
    # Buildings
    (Motif("house", "ground", 0.5, buildings.house),
     "house cottage cabin hut home chalet villa bungalow village",
     "haus häuser häuschen hütte dorf maison cabane chaumière village"),
    (Motif("barn", "ground", 0.52, buildings.barn, "fields"), "barn farm farmhouse ranch stable granary",
     "scheune bauernhof stall grange ferme étable"),
    (Motif("castle", "ground", 0.64, buildings.castle, "hills"), "castle fortress palace citadel",
     "schloss schlösser burg burgen festung palast château châteaux forteresse palais"),
    (Motif("lighthouse", "ground", 0.7, buildings.lighthouse, "sea"),
     "lighthouse beacon", "leuchtturm leuchttürme phare"),
    (Motif("windmill", "ground", 0.62, buildings.windmill, "fields"),
     "windmill mill", "windmühle mühle moulin"),
    (Motif("church", "ground", 0.58, buildings.church, "hills"), "church chapel cathedral monastery abbey",
     "kirche kapelle kathedrale dom kloster église chapelle cathédrale monastère"),
    (Motif("bridge", "water", 0.62, landmarks.bridge, "river"),
     "bridge viaduct aqueduct", "brücke viadukt pont"),
    (Motif("skyscraper", "ground", 0.72, landmarks.skyscraper, "city"),
     "skyscraper high_rise office_building",
     "wolkenkratzer hochhaus hochhäuser gratte_ciel"),
    (Motif("pagoda", "ground", 0.64, landmarks.pagoda, "garden"), "pagoda shrine torii", "pagode schrein"),
    (Motif("temple", "ground", 0.54, landmarks.temple, "hills"),
     "temple museum bank parliament courthouse acropolis parthenon columns",
     "tempel gericht akropolis musée parlement"),
    (Motif("tent", "ground", 0.48, buildings.tent, "forest"),
     "tent camping campsite", "zelt zelte tente campement"),
    (Motif("campfire", "ground", 0.36, buildings.campfire, "forest"), "campfire bonfire fire flame",
     "lagerfeuer feuer flamme feu feu_de_camp"),
    (Motif("cafe", "ground", 0.6, buildings.cafe, "street"),
     "cafe café bistro shop store bakery restaurant bookshop",
     "laden geschäft bäckerei boutique boulangerie magasin"),
    (Motif("tower", "ground", 0.8, landmarks.tower, "city"),
     "eiffel eiffel_tower paris", "eiffelturm tour_eiffel"),
    (Motif("igloo", "ground", 0.44, buildings.igloo, "mountains"), "igloo", "iglu"),
    (Motif("turbine", "ground", 0.7, landmarks.turbine, "fields"),
     "wind_turbine wind_power wind_farm turbine",
     "windrad windräder windkraft windenergie éolienne"),
    (Motif("factory", "ground", 0.56, landmarks.factory, "city"),
     "factory factories industry industrial warehouse",
     "fabrik industrie usine"),
    # Vehicles
    (Motif("car", "ground", 0.48, vehicles.car, "street"),
     "car automobile taxi cab beetle convertible suv limousine",
     "auto autos wagen voiture"),
    (Motif("bus", "ground", 0.56, vehicles.bus, "city"), "bus coach double_decker tram trolley streetcar",
     "busse straßenbahn autobus tramway"),
    (Motif("train", "ground", 0.6, vehicles.train, "hills"), "train locomotive railway steam_engine railroad",
     "zug züge eisenbahn lokomotive dampflok locomotive chemin_de_fer"),
    (Motif("plane", "sky", 0.56, vehicles.plane),
     "plane airplane aeroplane aircraft jet airliner flight airport",
     "flugzeug flugzeuge avion"),
    (Motif("bicycle", "ground", 0.5, vehicles.bicycle, "street"),
     "bicycle bike cycle", "fahrrad fahrräder vélo bicyclette"),
    (Motif("tractor", "ground", 0.5, vehicles.tractor, "fields"), "tractor", "traktor trecker tracteur"),
    (Motif("boat", "water", 0.48, vehicles.boat, "sea"),
     "boat sailboat sail sailing yacht regatta dinghy canoe",
     "segelboot segelschiff boote jolle bateau bateaux voilier barque"),
    (Motif("ship", "water", 0.6, vehicles.ship, "sea"), "ship cruise steamer ferry liner vessel",
     "schiff schiffe dampfer fähre kreuzfahrt navire paquebot"),
    (Motif("balloon", "sky", 0.5, vehicles.balloon),
     "balloon hot_air_balloon", "heißluftballon ballon montgolfière"),
    (Motif("rocket", "sky", 0.52, vehicles.rocket, "space"), "rocket spaceship spacecraft shuttle",
     "rakete raumschiff fusée vaisseau"),
    (Motif("helicopter", "sky", 0.46, vehicles.helicopter),
     "helicopter chopper", "hubschrauber helikopter hélicoptère"),
    (Motif("kite", "sky", 0.44, vehicles.kite, "hills"), "kite", "drachen papierdrachen cerf_volant"),
    (Motif("satellite", "sky", 0.5, vehicles.satellite, "space"), "satellite", "satellit satelliten"),
    # People
    (Motif("person", "ground", 0.56, people.person, "hills"),
     "person hiker traveller traveler wanderer walker tourist explorer pilgrim backpacker editor somebody",
     "mensch wanderer wanderin reisender person personne randonneur randonneuse voyageur"),
    (Motif("man", "ground", 0.56, people.man), "man men gentleman businessman grandfather father teacher",
     "mann männer herr vater opa lehrer homme monsieur père professeur"),
    (Motif("woman", "ground", 0.56, people.woman), "woman women lady ladies businesswoman grandmother mother",
     "frau dame mutter oma lehrerin femme mère"),
    (Motif("child", "ground", 0.46, people.child, "garden"), "child children kid boy girl toddler",
     "kinder mädchen junge enfant fille garçon"),
    (Motif("couple", "ground", 0.56, people.couple), "couple lovers newlyweds wedding date_night",
     "paar liebespaar hochzeit amoureux mariage"),
    (Motif("group", "ground", 0.56, people.group),
     "people family families team friends crowd colleagues students class",
     "menschen leute familie freunde gruppe schüler gens famille amis équipe foule"),
    (Motif("dancer", "ground", 0.58, people.dancer), "dancer ballerina ballet dancing dance",
     "tänzerin tänzer ballett tanz danseuse danseur danse"),
    (Motif("runner", "ground", 0.54, people.runner, "city"), "runner jogger marathon running athlete",
     "läufer läuferin joggerin coureur coureuse athlète"),
    (Motif("cyclist", "ground", 0.58, people.cyclist, "street"),
     "cyclist biker cycling", "radfahrer radfahrerin cycliste"),
    (Motif("farmer", "ground", 0.58, people.farmer, "fields"), "farmer gardener peasant",
     "bauer bäuerin gärtner gärtnerin fermier fermière paysan jardinier"),
    (Motif("chef", "ground", 0.58, people.chef, "room"),
     "chef cook baker", "koch köchin bäcker bäckerin cuisinier cuisinière"),
    (Motif("doctor", "ground", 0.58, people.doctor, "room"), "doctor physician nurse surgeon scientist",
     "arzt ärztin krankenschwester médecin docteur infirmière"),
    (Motif("astronaut", "sky", 0.5, people.astronaut, "space"), "astronaut cosmonaut spaceman",
     "raumfahrer astronautin astronaute"),
    (Motif("portrait", "ground", 0.96, portraits.portrait, "room", alone=True),
     "portrait face headshot selfie bust",
     "porträt portrait gesicht visage"),
    (Motif("portrait_man", "ground", 0.96, portraits.portrait_man, "room", alone=True), "", ""),
    (Motif("portrait_woman", "ground", 0.96, portraits.portrait_woman, "room", alone=True), "", ""),
    # Food and drink
    (Motif("cup", "table", 0.5, food.cup, "table"),
     "coffee cup mug espresso cappuccino latte cocoa hot_chocolate",
     "kaffee tasse becher kakao tasse"),
    (Motif("teapot", "table", 0.5, food.teapot, "table"),
     "tea teapot kettle", "tee teekanne kanne thé théière"),
    (Motif("apple", "table", 0.44, food.apple, "table"), "apple", "apfel äpfel pomme"),
    (Motif("fruit", "table", 0.54, food.fruit, "table"), "fruit fruits banana grapes peach plum berries",
     "obst früchte banane trauben obstschale banane raisin corbeille"),
    (Motif("cake", "table", 0.54, food.cake, "table"), "cake birthday pie cupcake dessert pastry",
     "kuchen torte geburtstag geburtstagskuchen gâteau gâteaux anniversaire tarte"),
    (Motif("bread", "table", 0.5, food.bread, "table"), "bread loaf loaves sourdough toast baguette",
     "brot brote brötchen miche"),
    (Motif("pizza", "table", 0.54, food.pizza, "table"), "pizza margherita", "pizzen"),
    (Motif("icecream", "table", 0.52, food.icecream, "table"), "ice_cream icecream gelato sundae sorbet",
     "eiscreme eistüte eisbecher crème_glacée cornet"),
    (Motif("wine", "table", 0.58, food.wine, "table"), "wine bottle glass_of_wine champagne",
     "wein rotwein weißwein flasche vin bouteille"),
    (Motif("ramen", "table", 0.54, food.ramen, "table"),
     "ramen noodle noodles soup pho udon", "nudeln suppe nouilles soupe"),
    (Motif("burger", "table", 0.46, food.burger, "table"),
     "burger hamburger cheeseburger sandwich", "hamburgers"),
    (Motif("pumpkin", "table", 0.46, food.pumpkin, "fields"),
     "pumpkin squash halloween gourd", "kürbis kürbisse citrouille potiron"),
    # Plants
    (Motif("tree", "ground", 0.7, flora.tree, "hills"), "tree oak willow maple beech linden olive apple_tree",
     "baum bäume eiche ahorn linde arbre chêne érable"),
    (Motif("pine", "ground", 0.7, flora.pine), "christmas_tree fir_tree pine_tree spruce conifer",
     "tanne tannenbaum weihnachtsbaum fichte sapin_de_noël épicéa"),
    (Motif("palm", "ground", 0.7, flora.palm, "sea"), "palm palm_tree coconut", "palme kokospalme palmier"),
    (Motif("cactus", "ground", 0.56, flora.cactus, "desert"), "cactus cacti saguaro", "kaktus kakteen"),
    (Motif("flowers", "ground", 0.5, flora.flowers, "garden"),
     "flower tulip rose poppy poppies daisy daisies lily lilies peony peonies wildflower iris orchid",
     "blume tulpe rosen mohn gänseblümchen lilie fleur tulipe coquelicot marguerite"),
    (Motif("sunflower", "ground", 0.6, flora.sunflower, "fields"), "sunflower", "sonnenblume tournesol"),
    (Motif("bouquet", "table", 0.6, flora.bouquet, "table"),
     "bouquet vase", "blumenstrauß strauß blumenvase bouquet_de_fleurs"),
    (Motif("mushroom", "ground", 0.42, flora.mushroom, "forest"), "mushroom toadstool fungus fungi",
     "pilz fliegenpilz champignon"),
    (Motif("potted", "table", 0.52, flora.potted, "room"),
     "houseplant potted_plant plant succulent aloe monstera",
     "pflanze zimmerpflanze topfpflanze plante"),
    # Things
    (Motif("book", "table", 0.5, things.book, "table"), "book novel diary reading literature",
     "buch bücher tagebuch livre roman"),
    (Motif("guitar", "ground", 0.62, pastimes.guitar, "room"),
     "guitar ukulele banjo violin cello music concert",
     "gitarre geige musik konzert guitare violon musique"),
    (Motif("piano", "ground", 0.58, pastimes.piano, "room"),
     "piano pianist keyboard", "klavier flügel pianiste"),
    (Motif("clock", "table", 0.48, things.clock, "table"),
     "clock alarm_clock watch deadline", "uhr wecker horloge réveil montre"),
    (Motif("lantern", "table", 0.5, things.lantern, "table"), "lantern", "laterne lanterne"),
    (Motif("chair", "ground", 0.54, things.chair, "room"),
     "chair armchair sofa couch", "stuhl stühle sessel chaise fauteuil canapé"),
    (Motif("lamp", "table", 0.54, things.lamp, "room"), "lamp", "lampe tischlampe lampe_de_bureau"),
    (Motif("desk", "table", 0.54, pastimes.desk, "table"),
     "desk laptop computer screen website programmer developer writer workplace software",
     "schreibtisch notebook rechner bildschirm arbeitsplatz ordinateur écran"),
    (Motif("camera", "table", 0.48, pastimes.camera, "table"),
     "camera photographer photojournalist", "kamera fotoapparat fotograf caméra photographe appareil_photo"),
    (Motif("robot", "ground", 0.52, pastimes.robot), "robot android cyborg", "roboter"),
    (Motif("umbrella", "ground", 0.5, things.umbrella, "street"),
     "umbrella parasol", "regenschirm schirm sonnenschirm parapluie"),
    (Motif("candle", "table", 0.5, things.candle, "table"), "candle", "kerze bougie"),
    (Motif("bulb", "table", 0.48, things.bulb, "table"), "lightbulb light_bulb bulb idea inspiration",
     "glühbirne idee ampoule idée"),
    (Motif("telescope", "ground", 0.5, pastimes.telescope, "hills"),
     "telescope observatory astronomer astronomy",
     "teleskop fernrohr télescope"),
    (Motif("globe", "table", 0.52, things.globe, "room"), "globe geography", "globus weltkugel mappemonde"),
    (Motif("gift", "table", 0.46, things.gift, "table"), "gift present parcel", "geschenk cadeau cadeaux"),
    (Motif("phone", "table", 0.5, things.phone, "table"), "phone smartphone telephone mobile app",
     "handy telefon téléphone"),
    (Motif("microphone", "table", 0.5, things.microphone, "table"), "microphone podcast interview radio",
     "mikrofon micro microphone"),
    (Motif("palette", "table", 0.5, things.palette, "table"), "palette paintbrush painter artist",
     "pinsel maler malerin künstler künstlerin pinceau peintre artiste"),
    (Motif("hourglass", "table", 0.48, things.hourglass, "table"), "hourglass", "sanduhr sablier"),
    (Motif("suitcase", "ground", 0.42, things.suitcase, "street"), "suitcase luggage baggage travel",
     "koffer gepäck reise valise bagage voyage"),
    (Motif("snowman", "ground", 0.52, pastimes.snowman, "hills"),
     "snowman snowmen", "schneemann schneemänner bonhomme_de_neige"),
    (Motif("planet", "sky", 0.56, pastimes.planet, "space"),
     "planet saturn jupiter", "planeten planète saturne"),
    (Motif("football", "ground", 0.36, pastimes.football, "fields"),
     "football soccer ball", "fußball fussball"),
    (Motif("trophy", "table", 0.5, pastimes.trophy, "table"),
     "trophy award champion winner medal", "pokal trophée"),
)
# fmt: on

#: word -> what it shows. A regular plural is found by its singular.
MOTIFS: dict[str, Motif] = {
    word: motif for motif, *languages in _ALL for words in languages for word in words.split()
}
BY_NAME: dict[str, Motif] = {motif.name: motif for motif, *_ in _ALL}

#: Whose portrait it is when the prompt says so.
_SITTERS = {"man": "portrait_man", "woman": "portrait_woman", "person": "portrait"}


def gathered(named: Sequence[Motif]) -> list[Motif]:
    """What the picture shows of the subjects that its prompt names, each once, in order.

    A portrait of a woman is one picture of her; a portrait of a fox is a fox.
    """
    motifs = list(dict.fromkeys(named))
    rest = [motif for motif in motifs if not motif.alone]
    if len(rest) == len(motifs):
        return motifs
    sitter = next((_SITTERS[motif.name] for motif in rest if motif.name in _SITTERS), "")
    return [BY_NAME[sitter]] if sitter else rest or motifs[:1]
