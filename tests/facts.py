"""The provider's parameter page of Seedream 5.0 Lite, transcribed row by row as plain data.

Written from the page alone, without a look at `seedream_django.parameters`, so that one can be held against the
other. Where the page's copy leaves out a list of values, the provider's other documentation fills it in.
"""

MODEL = "bytedance:seedream@5.0-lite"
TASK_TYPE = "imageInference"

# One row a parameter, in the page's order. A fact the page does not state is left out. `min` and `max` count what
# the type counts: a number's value, a string's characters, a list's items.
ROWS = {
    # API options
    "taskType": {"type": "string", "required": True, "value": "imageInference"},
    "taskUUID": {"type": "string", "required": True, "format": "UUID v4"},
    "outputType": {"type": "string", "default": "URL", "choices": ["URL", "base64Data", "dataURI"]},
    "outputFormat": {"type": "string", "default": "JPG", "choices": ["JPG", "PNG", "WEBP"]},
    "outputQuality": {"type": "integer", "min": 20, "max": 99, "default": 95},
    "webhookURL": {"type": "string", "format": "URI"},
    "deliveryMethod": {"type": "string", "default": "sync", "choices": ["sync", "async"]},
    "uploadEndpoint": {"type": "string", "format": "URI"},
    "safety": {"type": "object"},
    "safety.checkContent": {"type": "boolean", "default": False},
    "safety.mode": {"type": "string", "default": "none", "choices": ["none", "fast"]},
    "ttl": {"type": "integer", "min": 60},
    "includeCost": {"type": "boolean", "default": False},
    "numberResults": {"type": "integer", "min": 1, "max": 20, "default": 1},
    # Inputs
    "inputs": {"type": "object"},
    "inputs.referenceImages": {"type": "array of strings", "min": 1, "max": 14},
    # Generation parameters
    "model": {"type": "string", "required": True, "value": "bytedance:seedream@5.0-lite"},
    "positivePrompt": {"type": "string", "required": True, "min": 1, "max": 2000},
    "width": {"type": "integer", "required": True, "paired": "height"},
    "height": {"type": "integer", "required": True, "paired": "width"},
    # Provider settings
    "providerSettings": {"type": "object"},
    "providerSettings.bytedance": {"type": "object"},
    "providerSettings.bytedance.maxSequentialImages": {"type": "integer", "min": 1, "max": 15},
    "providerSettings.bytedance.optimizePromptMode": {
        "type": "string",
        "default": "standard",
        "choices": ["standard", "fast"],
    },
}

# The recommended sizes, by tier and shape: (width, height).
DIMENSIONS = {
    "2K": {
        "1:1": (2048, 2048),
        "4:3": (2304, 1728),
        "3:4": (1728, 2304),
        "16:9": (2848, 1600),
        "9:16": (1600, 2848),
        "3:2": (2496, 1664),
        "2:3": (1664, 2496),
        "21:9": (3136, 1344),
    },
    "3K": {
        "1:1": (3072, 3072),
        "4:3": (3456, 2592),
        "3:4": (2592, 3456),
        "16:9": (4096, 2304),
        "9:16": (2304, 4096),
        "3:2": (3744, 2496),
        "2:3": (2496, 3744),
        "21:9": (4704, 2016),
    },
}

# Any pair inside this window is taken too, by code.
MIN_PIXELS = 3_686_400
MAX_PIXELS = 10_404_496
MIN_ASPECT = (1, 16)  # width : height
MAX_ASPECT = (16, 1)

# "Combined total of reference images plus sequential images cannot exceed 15."
MAX_REFERENCES_AND_SEQUENCE = 15

# US dollars for one image, 2K and 3K alike.
UNIT_PRICE = "0.035"
