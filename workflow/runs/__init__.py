"""Which run is meant, how does it begin and come back, and what may change it from outside?"""
