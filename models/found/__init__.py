"""Models that are on the disk already, whoever put them there: found, told apart, used in place, never copied.

look(places())                  what LM Studio, Ollama, GPT4All, Jan, Hugging Face and llama.cpp have kept
look((folder_of_yours(path),))  what lies in a folder
"""

from models.found.look import look
from models.found.places import Place, folder_of_yours, places
from models.found.records import Finds, Found, LeftOut

__all__ = ["Finds", "Found", "LeftOut", "Place", "folder_of_yours", "look", "places"]
