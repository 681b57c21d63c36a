"""The recipe of the starter model as code: corpus, tokenizer, network, training, export, evaluation."""
