drop table social_battery.interactions, social_battery.batteries;
