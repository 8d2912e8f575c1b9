"""Pictures from a prompt, a seed and a size, by Pillow alone; it knows nothing of the provider's contract.

=================================  ========================================================================
words, scenes                      from the prompt's words to a scene: what, where, when, in which style
palette, grades                    colours of an hour and a season; the palette that a word asks for
canvas, stage, pen                 a surface, where things stand on it, what draws a subject
sky, landscape, woods, trees,      the places, far to near
water, city, aerial, indoors,
space, places
motifs, figures                    the subjects, and standing them in the place
abstract, isometric, volumes       compositions of their own
styles, prints, strokes, paper     what a style makes of the finished picture
references, matching, mounts       what a picture is made from: its colours, and small prints in the corner
edits                              an instruction, painted on the picture that it is about
frames                             a sequence: the scene at each of its moments
painter                            the order of all this, and the word "sandbox" in the corner
=================================  ========================================================================
"""
