"""What the magazine opens with. Seeding it twice changes nothing, and leaves an editor's changes alone."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone

from .models import Article, Topic

TOPICS = {
    "places": ("Places", "Somewhere to stand, and what can be seen from there."),
    "craft": ("Craft", "People who make one thing well, and how they came to it."),
    "weather": ("Weather", "What the sky did, and what it did to us."),
}


@dataclass(frozen=True)
class Text:
    slug: str
    topic: str
    author: str
    title: str
    summary: str
    body: str

    def paragraphs(self) -> str:
        """The body with its lines joined: wrapped here, they would break on the page."""
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in self.body.strip().split("\n\n"))


def seed() -> Article:
    """Make whatever is missing; return the article that leads the front page."""
    topics = {
        slug: Topic.objects.get_or_create(slug=slug, defaults={"name": name, "description": description})[0]
        for slug, (name, description) in TOPICS.items()
    }
    newest = timezone.now().replace(minute=0, second=0, microsecond=0)
    for days, text in enumerate(TEXTS):
        Article.objects.get_or_create(
            slug=text.slug,
            defaults={
                "topic": topics[text.topic],
                "author": text.author,
                "title": text.title,
                "summary": text.summary,
                "body": text.paragraphs(),
                "published_at": newest - datetime.timedelta(days=3 * days),
            },
        )
    return Article.objects.get(slug=TEXTS[0].slug)


TEXTS = (
    Text(
        "the-fox-at-the-weather-station",
        "weather",
        "Ines Kaldal",
        "The fox at the weather station",
        "Every winter morning at six, somebody has to walk out and read the thermometer. For three "
        "winters now, somebody has been waiting there.",
        """
The station stands on a shoulder of the hill where the trees give up. There is a white box on legs, a rain
gauge, a mast that hums when the wind is in the north, and a path of forty steps from the kitchen door. I
have walked it a little over nine thousand times. The numbers go to an office in the capital, where they
become one dot on a map.

The first time I saw her she was sitting beside the box, upright, as if she had an appointment. She did not
run. She watched me open the louvred door, read the glass, write down minus eleven and close it again, and
then she went down through the snow in that straight line of theirs, each hind foot falling where the
forefoot had been.

I have no theory about it. I have never fed her. The box gives no warmth. My neighbour says that a fox keeps
the edges of its land, and that my forty steps happen to lie along one; that I am, in other words, a thing
that passes by at six.

It is pleasant to be that. Most of what I do here is done for people I shall not meet, in a year I shall not
see. On the mornings when the mast is silent and the snow is blue I write down the number, and there are two
of us who know that it has been read.
""",
    ),
    Text(
        "a-harbour-that-leaves-twice-a-day",
        "places",
        "Tomas Arrieta",
        "A harbour that leaves twice a day",
        "At low water the boats of Sant Bru lie on their sides like tired dogs, and the whole town walks "
        "out between them.",
        """
Twice a day the harbour of Sant Bru goes away. It takes about four hours. First the moorings slacken, then
the weed on the quay steps shows its wet hem, and then, quite suddenly, there is a floor where there was a
sea, ribbed and shining, with a hundred boats set down on it at a hundred angles.

Visitors photograph this from the wall. The town uses it. Children are sent across to the bakery on the far
side, because it is shorter. The postwoman has a low-water round and a high-water round. On the long ebb in
March they play a match of football out by the perch, eleven against eleven, and the referee carries a tide
table as well as a whistle.

I asked the harbour master whether it was not awkward to keep a port that is a field for half of its life.
He thought about that. A port that is always full, he said, is one that you only ever see the top of. Here
you can walk under your own boat. You see the anchor chains, the old engine somebody swore had been stolen,
the spring that comes up sweet in the middle of the salt. You know what you are floating on.

Then he looked at his watch, and at the line of light beyond the perch, and suggested that we might continue
our talk on the wall.
""",
    ),
    Text(
        "seven-hundred-and-twelve-threads",
        "craft",
        "Miriam Osei",
        "Seven hundred and twelve threads",
        "Before a loom makes a sound there are two days of silence, in which everything is decided.",
        """
People come to the workshop to see weaving, and Halima lets them be disappointed. There is no weaving today.
Today there are seven hundred and twelve threads to be drawn, one at a time, through seven hundred and
twelve eyes, in an order that repeats every ninety-six. It will take until tomorrow evening. She does it by
a north window with a hook that belonged to her aunt.

If one is wrong, it will be wrong for the length of the cloth. There is no mending a threading error further
on; there is only the long walk back to where it was made. So she speaks very little on these days. Every
ninety-six she stops, runs the group through her fingers like somebody counting change in the dark, and ties
it off with a slip of red.

I asked what she thinks about. Nothing, she said, and then, more carefully: the hands think, and I keep
everybody else out of the room.

On the third day the loom begins, and it is exactly as loud and as quick as the visitors had hoped. The
pattern climbs up out of the beam as though it had been in there all along. It had, of course. Anyone can
throw a shuttle, says Halima. The cloth was made on Tuesday.
""",
    ),
    Text(
        "the-year-the-fog-stayed",
        "weather",
        "Bram de Wit",
        "The year the fog stayed",
        "For nineteen days in November the valley could not see itself. What came back was not quite what "
        "had gone.",
        """
It arrived on a Thursday, as it often does, up the river and over the lower meadows. By Friday it had the
church. We were not worried; fog in our valley is a morning matter. On Saturday somebody lit the lamps at
noon, and nobody put them out again for nineteen days.

You learn how much of politeness is done by eye. In fog you must say who you are. Men who had nodded to one
another for thirty years were obliged to speak, and some found that they had things to say. The bus was
driven at a walking pace behind a girl with a lantern, and people who had no reason to go to town went, for
the company.

Sounds came loose from their places. A gate would close at your elbow that was half a mile off. The bell
seemed to be rung inside your own coat. The old people said that it had been just so in the winter of the
two weddings, and then could not agree on whose.

On the twentieth morning it went in an hour, all at once, like a cloth drawn from a table. There stood the
hills, much closer than anybody remembered. We looked at them, and at each other, a little shyly. Then
everyone went indoors; and by evening, I noticed, most of us had left the lamps on.
""",
    ),
    Text(
        "the-last-ferry-to-nowhere-in-particular",
        "places",
        "Lucía Ferrante",
        "The last ferry to nowhere in particular",
        "It crosses four hundred metres of lake to a landing with no road. It has never once been empty.",
        """
On the map there is no reason for it. The ferry at Vell crosses four hundred metres of green water to a
landing stage, a bench and a beech wood. No road leaves from there. The village it served was given up in
the year the dam was raised, and the path to it now goes down into the lake and does not come out.

The crossing has been kept all the same, by a deed that nobody has found a way to revoke: four times daily,
six in summer, for as long as there shall be a passenger. And there is always a passenger. I rode it for a
day, to see who they were.

There was a man with a cello, who said the echo was good. There were two nurses coming off nights, who slept
all the way over and all the way back. A boy was counting herons. An elderly couple in walking shoes got
out, sat on the bench for the forty minutes, divided an orange and returned. We were courting, the woman
said to me. It is not the sort of thing that needs a destination.

Towards evening the ferryman cut the engine in the middle, as he does, he told me, when the light is right
and nobody is in a hurry. We drifted. Under the keel, quite clear, one could see the line of a wall.
""",
    ),
    Text(
        "how-to-listen-to-a-bell",
        "craft",
        "Jonas Hallgren",
        "How to listen to a bell",
        "The tuner arrives with a lathe, eleven forks and a bag of rye bread. Only one of these is for "
        "the bell.",
        """
A bell comes out of the ground wrong. That is how it is meant to be, says Agathe Roux: a founder leaves it a
little thick on the inside, because bronze can be taken away and never put back. Then she is sent for.

She strikes it once and writes down five notes. The deepest is the hum, an octave under the one that you
would sing; then the prime, the tierce, the quint, the nominal. In a good bell they stand to one another as
people do who have agreed to share a house. In a new one they quarrel. You can hear it as a beating in the
tone, a slow wow, wow, like somebody turning over in bed.

The bell is set upside down on the lathe, and she takes a ribbon from the inside no thicker than a
fingernail. Strike, listen, write. The tierce has come down; the hum has not noticed. Another ribbon, lower.
It goes on like this for eight or nine hours, and towards the end of it she stops using the forks.

The bread is for her ears. Rye, chewed slowly, clears them, or so her master told her, and she has not found
it worth the risk to try without. At ten to six she strikes for the last time and does not write anything.
The note goes out through the door of the foundry and over the yard, and takes a long while to come to the
end of itself.
""",
    ),
    Text(
        "a-garden-on-the-nineteenth-floor",
        "places",
        "Priya Natarajan",
        "A garden on the nineteenth floor",
        "The lift stops at eighteen. After that there are thirty-one stairs, a steel door, and somebody's "
        "beans.",
        """
It began with a bucket. Mrs Okonjo, who had been promised a balcony and was given a window, carried it up
past the place where the lift stops, through a door that was supposed to be locked, and set a tomato in it.
The next week there were two buckets, and only one of them was hers.

That was twelve years ago. There are now sixty-four beds on the roof of Meridian House, built of scaffold
boards, and a waiting list in a biscuit tin. The water is what falls. The soil came up in shopping bags, by
the stairs, some forty tonnes of it; an engineer who lives on the seventh did the sum one evening, went
rather white, and had everybody move the potatoes over to the columns.

Nothing grows here as it does below. The wind prunes everything to the height of the parapet, so that the
whole garden looks as if it had been combed. Peas do well. So, mysteriously, do figs. Bees arrive in the
second week of May, having flown up the outside of a tower block for no reason they can have known in
advance.

In the evenings people bring chairs. The city lies all round, with its windows lit in no order, and it is
curious how far off it sounds. The council sent a man, once, about the door. He stayed until dark, and they
gave him a marrow.
""",
    ),
)
