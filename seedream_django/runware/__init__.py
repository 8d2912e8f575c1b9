"""The wire: what goes to Runware, what comes back, how a picture is fetched. Knows no Django."""
