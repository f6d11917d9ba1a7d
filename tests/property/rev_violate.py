def violate(program, seed):
    raise NotImplementedError
