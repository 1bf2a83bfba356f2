"""The one door for files that somebody sends us: nothing is stored or opened that has not passed here.

What a file is, its content decides: neither its name nor what the browser says of it is believed.
"""
