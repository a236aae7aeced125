def sample():
    # start
    return 1
    # end
