// Makes another folder the user's: Wine sets USERPROFILE itself, for a user without a space in the name.
process.env.USERPROFILE = process.env.KIMI_TEST_PROFILE;
